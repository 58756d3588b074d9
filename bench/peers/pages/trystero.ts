/** Trystero over a Nostr relay of our own, with a password. */
import { joinRoom } from "trystero/nostr";
import { drive, meeting } from "./drive.ts";

const driver = drive();
const room = joinRoom(
	{
		appId: "bench",
		password: meeting.room,
		relayConfig: { urls: [meeting.server], redundancy: 1 },
		rtcConfig: { iceServers: [] },
	},
	meeting.room,
);
const action = room.makeAction<ArrayBuffer>("bench", {
	onMessage: (data) => driver.receive(new Uint8Array(data)),
});
room.onPeerJoin = (target) =>
	driver.linked({
		send: (message) => action.send(message.buffer, { target }),
	});
