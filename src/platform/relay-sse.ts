/** The relay over server-sent events and POST, for browsers that refuse its socket. */
import type { RelayWire, RelayWireEvents } from "./relay-wire.ts";

/** The stream's first event carries the session that POSTed frames belong to. */
export function openSse(base: string, events: RelayWireEvents): RelayWire {
	const source = new EventSource(new URL("relay/sse", base));
	let session: string | undefined;
	let sending: Promise<unknown> = Promise.resolve();
	let restarting = false;
	const end = (): void => {
		source.close();
		events.onClose(restarting);
	};
	source.addEventListener("restart", () => {
		restarting = true;
	});
	source.addEventListener("session", ({ data }: MessageEvent<string>) => {
		session = data;
		events.onOpen();
	});
	source.onmessage = ({ data }: MessageEvent<string>) => events.onFrame(data);
	source.onerror = end;
	return {
		send(frame) {
			if (session === undefined) return;
			const address = new URL("relay/send", base);
			address.searchParams.set("session", session);
			// One at a time, so that the relay reads them in order.
			sending = sending
				.then(() => fetch(address, { method: "POST", body: frame }))
				.catch(end);
		},
		close: () => source.close(),
	};
}
