/** A Nostr relay as small as Trystero needs one: ephemeral events to whoever subscribed to their topic (NIP-01). */
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: Number(process.env.PORT),
});
server.on("connection", (socket) => {
	const filters = new Map();
	socket.filters = filters;
	socket.on("message", (data) => {
		const [kind, first, filter] = JSON.parse(data);
		if (kind === "REQ") filters.set(first, filter);
		else if (kind === "CLOSE") filters.delete(first);
		else if (kind === "EVENT") {
			socket.send(JSON.stringify(["OK", first.id, true, ""]));
			for (const other of server.clients)
				for (const [name, wanted] of other.filters)
					if (matches(wanted, first))
						other.send(JSON.stringify(["EVENT", name, first]));
		}
	});
});

function matches(filter, event) {
	if (filter.kinds && !filter.kinds.includes(event.kind)) return false;
	return Object.entries(filter)
		.filter(([name]) => name.startsWith("#"))
		.every(([name, values]) =>
			event.tags.some(
				([tag, value]) => `#${tag}` === name && values.includes(value),
			),
		);
}
