/** y-webrtc with a password and its own signalling server. A message is a value set in a shared map. */
import { WebrtcProvider } from "y-webrtc";
import * as Y from "yjs";
import { drive, meeting } from "./drive.ts";

const driver = drive();
const doc = new Y.Doc();
const messages = doc.getMap<Uint8Array>();
const provider = new WebrtcProvider(meeting.room, doc, {
	signaling: [meeting.server],
	password: meeting.room,
	peerOpts: { config: { iceServers: [] } },
});
messages.observe((event) => {
	for (const role of event.keysChanged) {
		const message = messages.get(role);
		if (role !== meeting.role && message) driver.receive(message);
	}
});
/** y-webrtc tells of peers that are not connected yet, too. */
function look(): void {
	const connections = provider.room?.webrtcConns.values() ?? [];
	if ([...connections].some(({ connected }) => connected))
		driver.linked({
			send: (message) => void messages.set(meeting.role, message),
		});
	else setTimeout(look, 2);
}
look();
