/**
 * The wire protocol: y-webrtc's signalling protocol, JSON text frames. A frame that the relay did not take is answered
 * with `{ type: "error", code, message }`, which y-webrtc's clients ignore.
 */

/** What a client says. */
export type ClientFrame =
	| { readonly type: "subscribe"; readonly topics: readonly string[] }
	| { readonly type: "unsubscribe"; readonly topics: readonly string[] }
	| {
			readonly type: "publish";
			readonly topic: string;
			/** The frame as it came: whatever else it holds is handed on. */
			readonly frame: Readonly<Record<string, unknown>>;
	  }
	| { readonly type: "ping" }
	/** What this version does not know and need not answer. */
	| { readonly type: "other" };

/** Why a frame was not taken. The connection stays open, but for `too-large` on a socket. */
export type RefusalCode =
	| "malformed"
	| "slow-down"
	| "too-large"
	| "too-many-topics"
	| "topic-full"
	| "topic-name";

const reasons: Readonly<Record<RefusalCode, string>> = {
	malformed: "This is not a frame of the signalling protocol.",
	"slow-down": "Too much at once; this frame was dropped. Wait a moment.",
	"too-large": "The frame is larger than the relay takes.",
	"too-many-topics": "This connection has all the topics it may have.",
	"topic-full": "This topic has all the members it may have.",
	"topic-name": "A topic's name is empty or too long.",
};

/** The answer to a frame that was not taken. */
export function refusalFrame(code: RefusalCode): string {
	return JSON.stringify({ type: "error", code, message: reasons[code] });
}

export const pongFrame: string = JSON.stringify({ type: "pong" });

/**
 * Reads a frame as y-webrtc's own server does, which takes missing topics for none and skips names that are not text.
 * @returns `undefined` for what is not a frame. Never throws.
 */
export function decodeFrame(text: string): ClientFrame | undefined {
	const frame = parse(text);
	if (frame === undefined || typeof frame["type"] !== "string")
		return undefined;
	switch (frame["type"]) {
		case "subscribe":
		case "unsubscribe": {
			const topics = frame["topics"] ?? [];
			return Array.isArray(topics)
				? { type: frame["type"], topics: topics.filter(isText) }
				: undefined;
		}
		case "publish": {
			const { topic } = frame;
			return isText(topic) ? { type: "publish", topic, frame } : undefined;
		}
		case "ping":
			return { type: "ping" };
		default:
			return { type: "other" };
	}
}

/**
 * The frame that a topic's members get.
 * @returns `undefined` where the frame is nested so deeply that it can be read but not written again.
 */
export function publishedFrame(
	frame: Readonly<Record<string, unknown>>,
	clients: number,
): string | undefined {
	try {
		return JSON.stringify({ ...frame, clients });
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

function parse(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? value : undefined;
	} catch (error) {
		// A RangeError is a frame of nothing but brackets.
		if (error instanceof SyntaxError || error instanceof RangeError)
			return undefined;
		throw error;
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
	return typeof value === "string";
}
