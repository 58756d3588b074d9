/** y-webrtc: records are keys of one shared map. It keeps nothing and checks nobody. */
import { WebrtcProvider } from "y-webrtc";
import * as Y from "yjs";
import { meeting } from "./drive.ts";
import { AUTHORS, offer, writesOf } from "./records.ts";

const doc = new Y.Doc();
const map = doc.getMap<string>("records");
const provider = new WebrtcProvider(meeting.room, doc, {
	signaling: [meeting.server],
	password: meeting.room,
	peerOpts: { config: { iceServers: [] } },
});

offer({
	fill(count, each) {
		for (let author = 0; author < AUTHORS; author++) {
			const theirs = new Y.Doc();
			const records = theirs.getMap<string>("records");
			for (const rows of writesOf(author, count, each))
				theirs.transact(() => {
					for (const [key, value] of rows) records.set(key, value);
				});
			Y.applyUpdate(doc, Y.encodeStateAsUpdate(theirs));
		}
	},
	put: (key, value) => void map.set(key, value),
	size: () => map.size,
	rows: () => map.entries(),
	onChange: (listener) => map.observe(listener),
});

function look(): void {
	const connections = provider.room?.webrtcConns.values() ?? [];
	if ([...connections].some(({ connected }) => connected))
		globalThis.linkedAt = performance.timeOrigin + performance.now();
	else setTimeout(look, 2);
}
look();
