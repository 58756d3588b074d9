/**
 * The connection of a y-webrtc room, mended on one side. Where both ends begin at once, each makes a data channel of its
 * own and takes no notice of the other's: both say "connected", and neither hears anything (facts Y4). The end that uses
 * this connection hears the other's channel too and answers there, so that an unmodified y-webrtc page is heard as well.
 */

/** Who is connected and says nothing for so long is not heard: y-webrtc speaks first thing. */
const MUTE_MS = 10_000;

/** What simple-peer needs for such connections. They contact nobody else: its defaults name public STUN servers (L9). */
export function heardPeers() {
	return {
		config: { iceServers: [] },
		wrtc: {
			RTCPeerConnection: heardConnection(),
			RTCSessionDescription,
			RTCIceCandidate,
		},
	};
}

/** Made when it is needed: what it extends is there on pages only. */
function heardConnection(): typeof RTCPeerConnection {
	return class extends RTCPeerConnection {
		override createDataChannel(
			label: string,
			options?: RTCDataChannelInit,
		): RTCDataChannel {
			const own = super.createDataChannel(label, options);
			hearBoth(this, own);
			return own;
		}
	};
}

/** Lets whoever listens to `own` and sends on it hear, and be heard on, the channel that the other end may make too. */
function hearBoth(connection: RTCPeerConnection, own: RTCDataChannel): void {
	/** The one that the other end hears. */
	let way = own;
	/** What may have been said to nobody. */
	let unheard: Uint8Array<ArrayBuffer>[] = [];
	let isHeard = false;
	let mute: ReturnType<typeof setTimeout> | undefined;
	const hear = (): void => {
		isHeard = true;
		if (way.readyState === "open") unheard = [];
		clearTimeout(mute);
	};
	const say = (data: Uint8Array<ArrayBuffer>): void => {
		// The channel's own `send` is the one below.
		RTCDataChannel.prototype.send.call(way, data);
	};
	own.send = (data: unknown): void => {
		const bytes = data as Uint8Array<ArrayBuffer>;
		const isOpen = way.readyState === "open";
		if (!isHeard || !isOpen) unheard.push(bytes);
		if (isOpen) say(bytes);
	};
	own.addEventListener("message", hear);
	own.addEventListener("open", () => {
		mute = setTimeout(() => way.close(), MUTE_MS);
	});
	own.addEventListener("close", () => {
		if (way === own) clearTimeout(mute);
	});
	const answer = ({ channel }: RTCDataChannelEvent): void => {
		channel.binaryType = own.binaryType;
		channel.onmessage = own.onmessage;
		channel.onclose = own.onclose;
		channel.onerror = own.onerror;
		// The other end may let go of a channel that it never looked at.
		own.onclose = null;
		way = channel;
		channel.addEventListener("message", hear);
		channel.addEventListener("open", () => {
			for (const bytes of unheard) say(bytes);
			if (isHeard) unheard = [];
		});
	};
	// y-webrtc makes one. Of somebody's further ones nobody would hear that they are closed.
	connection.addEventListener("datachannel", answer, { once: true });
}
