import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { heardPeers } from "../../../src/platform/heard-connection.ts";

/** A data channel, as far as one is needed. */
class Channel extends EventTarget {
	readyState = "connecting";
	binaryType = "arraybuffer";
	onmessage: unknown = null;
	onclose: (() => void) | null = null;
	onerror: unknown = null;
	readonly sent: unknown[] = [];

	send(data: unknown): void {
		if (this.readyState !== "open") throw new Error("not open");
		this.sent.push(data);
	}
	open(): void {
		this.readyState = "open";
		this.dispatchEvent(new Event("open"));
	}
	close(): void {
		if (this.readyState === "closed") return;
		this.readyState = "closed";
		this.dispatchEvent(new Event("close"));
		this.onclose?.();
	}
}

class Connection extends EventTarget {
	readonly channels: Channel[] = [];

	createDataChannel(): Channel {
		const channel = new Channel();
		this.channels.push(channel);
		return channel;
	}
	/** The other end made a channel. */
	hear(channel: Channel): void {
		const event = Object.assign(new Event("datachannel"), { channel });
		this.dispatchEvent(event);
		channel.open();
	}
}

beforeEach(() => {
	vi.useFakeTimers();
	vi.stubGlobal("RTCPeerConnection", Connection);
	vi.stubGlobal("RTCDataChannel", Channel);
	vi.stubGlobal("RTCSessionDescription", class {});
	vi.stubGlobal("RTCIceCandidate", class {});
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** A connection whose own channel is open, and the other end's. */
function connect() {
	const { RTCPeerConnection } = heardPeers().wrtc;
	const connection = new RTCPeerConnection() as unknown as Connection;
	const own = connection.createDataChannel();
	const closed = vi.fn();
	own.onclose = closed;
	own.open();
	const theirs = new Channel();
	connection.hear(theirs);
	return { connection, own, theirs, closed };
}

it("lets go of who closes the channel that is made here and says nothing on its own", () => {
	const { own, theirs, closed } = connect();
	own.close();
	expect(closed).not.toHaveBeenCalled();
	vi.advanceTimersByTime(10_000);
	expect(theirs.readyState).toBe("closed");
	expect(closed).toHaveBeenCalled();
});

it("speaks on the other end's first channel, whatever else that makes", () => {
	const { connection, own, theirs, closed } = connect();
	theirs.dispatchEvent(new Event("message"));
	const more = new Channel();
	connection.hear(more);
	more.close();
	own.send("here");
	expect(theirs.sent).toEqual(["here"]);
	expect(more.sent).toEqual([]);
	theirs.close();
	expect(closed).toHaveBeenCalled();
});
