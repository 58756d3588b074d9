/**
 * Frames (L4). A message of a class is cut into frames of at most FRAME_BYTES and travels in order; the classes
 * interleave, because each has a channel of its own.
 *
 * Frame: one byte of flags (1 = first, 2 = last), then, on a first frame that is not the last, the message's length as
 * uint32 big-endian, then the piece.
 */
import { FRAME_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";

const FIRST = 1;
const LAST = 2;

/** Cuts a message. The pieces of a long one are views and must be sent before the message is changed. */
export function* cutFrames(
	message: Uint8Array,
	size: number = FRAME_BYTES,
): Generator<Uint8Array> {
	if (message.length <= size) {
		const frame = new Uint8Array(1 + message.length);
		frame[0] = FIRST | LAST;
		frame.set(message, 1);
		yield frame;
		return;
	}
	for (let offset = 0; offset < message.length; offset += size) {
		const piece = message.subarray(offset, offset + size);
		const first = offset === 0;
		const frame = new Uint8Array(1 + (first ? 4 : 0) + piece.length);
		frame[0] =
			(first ? FIRST : 0) | (offset + size >= message.length ? LAST : 0);
		if (first) new DataView(frame.buffer).setUint32(1, message.length);
		frame.set(piece, first ? 5 : 1);
		yield frame;
	}
}

/**
 * Puts the frames of one channel back together. Memory is bounded by the bytes that really arrived, which are bounded
 * by the class's cap; a promised length reserves nothing.
 */
export class Reassembler {
	readonly #cap: number;
	#pieces: Uint8Array[] = [];
	#held = 0;
	/** -1: between messages. */
	#expected = -1;

	/** @param cap largest message in bytes */
	constructor(cap: number) {
		this.#cap = cap;
	}

	/**
	 * Takes one frame; returns a message when it was the last of one.
	 *
	 * @throws ShoalError `malformed` or `too-large`: the link must be closed, for the stream is out of step.
	 */
	take(frame: Uint8Array): Uint8Array | undefined {
		const flags = frame[0];
		if (flags === undefined || flags > 3)
			throw new ShoalError("malformed", "not a frame");
		const first = (flags & FIRST) !== 0;
		const last = (flags & LAST) !== 0;
		if (first !== (this.#expected === -1))
			throw new ShoalError("malformed", "frame out of step");
		if (first && last) {
			if (frame.length - 1 > this.#cap)
				throw new ShoalError("too-large", "message above its class's cap");
			return frame.subarray(1);
		}
		let piece = frame.subarray(1);
		if (first) {
			if (frame.length < 6) throw new ShoalError("malformed", "not a frame");
			this.#expected = new DataView(
				frame.buffer,
				frame.byteOffset,
				frame.byteLength,
			).getUint32(1);
			piece = frame.subarray(5);
			if (this.#expected > this.#cap)
				throw new ShoalError("too-large", "message above its class's cap");
		}
		if (piece.length === 0) throw new ShoalError("malformed", "empty frame");
		this.#held += piece.length;
		this.#pieces.push(piece);
		if (this.#held > this.#expected || last !== (this.#held === this.#expected))
			throw new ShoalError("malformed", "message is not as long as it said");
		if (!last) return undefined;
		const whole = new Uint8Array(this.#held);
		let offset = 0;
		for (const part of this.#pieces) {
			whole.set(part, offset);
			offset += part.length;
		}
		this.#pieces = [];
		this.#held = 0;
		this.#expected = -1;
		return whole;
	}
}
