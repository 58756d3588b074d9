/** PeerJS, its default serialization, its own signalling server. */
import { type DataConnection, Peer } from "peerjs";
import { drive, meeting } from "./drive.ts";

const HIGH_WATER = 1024 * 1024;

const driver = drive();
const { hostname, port } = new URL(meeting.server);
const options = {
	host: hostname,
	port: Number(port),
	path: "/",
	config: { iceServers: [] },
};
const name = `room-${meeting.room}`;

function use(connection: DataConnection): void {
	connection.on("open", () =>
		driver.linked({
			async send(message) {
				connection.send(message);
				// PeerJS queues without bound; whoever floods has to look at the channel.
				while ((connection.dataChannel?.bufferedAmount ?? 0) > HIGH_WATER)
					await new Promise((resolve) => setTimeout(resolve, 1));
			},
		}),
	);
	connection.on("data", (data) =>
		driver.receive(new Uint8Array(data as ArrayBuffer)),
	);
}

if (meeting.role === "host") new Peer(name, options).on("connection", use);
else {
	const peer = new Peer(options);
	peer.on("open", () => use(peer.connect(name, { reliable: true })));
}
