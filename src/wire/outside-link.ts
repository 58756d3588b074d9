/** The link that opens a draft to somebody outside the swarm. Its fragment, which no server sees, is all of the secret. */

/** A y-webrtc room and its password. */
export interface OutsideRoom {
	readonly room: string;
	readonly password: string;
}

const FRAGMENT = "#draft=";
/** Both are base64url of 128 bits; only the name says whose they are. */
const ROOM = /^shoal-draft-[\w-]{22}$/;
const LINK = /^#draft=(shoal-draft-[\w-]{22})\.([\w-]{22})$/;

/** Whether this is the name of a room of ours: whatever else a member writes is no room to go into. */
export const isRoomName = (name: string): boolean => ROOM.test(name);

export const isOutsideLink = (fragment: string): boolean =>
	fragment.startsWith(FRAGMENT);

/** @param base where the page is served */
export const outsideLink = (
	base: string,
	{ room, password }: OutsideRoom,
): string => new URL(`${FRAGMENT}${room}.${password}`, base).href;

/** @returns `undefined` for what was cut short or is none */
export function parseOutsideLink(fragment: string): OutsideRoom | undefined {
	const [, room, password] = LINK.exec(fragment) ?? [];
	return room === undefined || password === undefined
		? undefined
		: { room, password };
}
