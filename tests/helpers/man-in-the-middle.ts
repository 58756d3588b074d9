/**
 * A relay that knows the key under which pages meet and ends their connections itself: a page of its own answers both
 * ends with valid descriptions and passes every frame on. Only the hello's fingerprints give it away (L3).
 */
import type { Browser } from "playwright";
import type { RelayKeys } from "../../src/identity/epoch.ts";
import { openRelay, sealRelay } from "../../src/identity/seal.ts";
import { CHANNELS } from "../../src/mesh/ports.ts";
import {
	decodeRelayMessage,
	encodeRelayMessage,
	type Signal,
} from "../../src/mesh/relay-messages.ts";
import { systemRandom } from "../../src/platform/clock.ts";
import { fromBase64Url, toBase64Url } from "../../src/wire/bytes.ts";
import { publishedOf, type WatchedRelay } from "./watched-relay.ts";

/** A signal together with where on the relay it came from and was going. */
interface Carried {
	readonly signal: Signal;
	readonly from: string;
	readonly topic: string;
}

/** The signal inside a frame, for who has the key. */
export function signalIn(
	keys: Pick<RelayKeys, "key">,
	frame: string,
): Carried | undefined {
	const published = publishedOf(frame);
	const sealed = published && fromBase64Url(published.data);
	if (published === undefined || sealed === undefined) return undefined;
	const { topic, from } = published;
	const plain = openRelay(keys.key, topic, from, topic, sealed);
	const signal = plain && decodeRelayMessage(plain);
	return signal?.kind === "signal" ? { signal, from, topic } : undefined;
}

/** The frame that carries a signal, sealed as its sender would. */
export function frameOf(
	{ key }: Pick<RelayKeys, "key">,
	{ signal, from, topic }: Carried,
): string {
	const plain = encodeRelayMessage(signal);
	const sealed = sealRelay(key, topic, from, topic, plain, systemRandom);
	const data = toBase64Url(sealed);
	return JSON.stringify({ type: "publish", topic, from, data });
}

export interface ManInTheMiddle {
	/** Connections that stood on both sides, carried a hello each way, and were then ended by the two pages. */
	readonly refused: number;
	stop(): Promise<void>;
}

/** Stands between all pages that meet under these keys, until stopped. */
export async function standInTheMiddle(
	browser: Browser,
	relay: WatchedRelay,
	keys: Pick<RelayKeys, "key">,
): Promise<ManInTheMiddle> {
	const context = await browser.newContext();
	const page = await context.newPage();
	let refused = 0;
	await page.exposeFunction("tell", (carried: Carried) =>
		relay.tellAll(frameOf(keys, carried)),
	);
	await page.exposeFunction("over", () => {
		refused++;
	});
	await page.evaluate(standInPage, CHANNELS.length);

	relay.meddle(({ frame, way }) => {
		const carried = signalIn(keys, frame);
		if (carried === undefined) return [frame];
		if (way === "to-relay")
			page
				.evaluate(
					(given) =>
						(globalThis as unknown as { take(c: Carried): Promise<void> }).take(
							given,
						),
					carried,
				)
				// What comes after the end finds no page.
				.catch(() => undefined);
		return [];
	});

	return {
		get refused() {
			return refused;
		},
		async stop() {
			relay.meddle(undefined);
			await context.close();
		},
	};
}

/** Runs in the man's page: for each attempt one connection to the caller and one to the called, piped together. */
function standInPage(classes: number): void {
	const { tell, over } = globalThis as unknown as {
		tell(carried: Carried): Promise<void>;
		over(): Promise<void>;
	};

	class Side {
		readonly connection = new RTCPeerConnection({ iceServers: [] });
		readonly channels: RTCDataChannel[] = [];
		/** What came before the other side's channel was open. */
		readonly early: ArrayBuffer[][] = [];
		readonly candidates: RTCIceCandidateInit[] = [];
		other: Side | undefined;
		carried = 0;
		isOver = false;

		constructor(onOver: () => void) {
			// One more than the classes: simple-peer has a channel of its own.
			for (let id = 0; id <= classes; id++) {
				const channel = this.connection.createDataChannel("", {
					negotiated: true,
					id,
				});
				const early: ArrayBuffer[] = [];
				channel.binaryType = "arraybuffer";
				channel.onmessage = ({ data }) => {
					this.carried++;
					const onward = this.other?.channels[id];
					if (onward?.readyState === "open") onward.send(data);
					else early.push(data);
				};
				channel.onopen = () => {
					for (const frame of this.other?.early[id]?.splice(0) ?? [])
						channel.send(frame);
				};
				channel.onclose = () => {
					this.isOver = true;
					onOver();
				};
				this.channels.push(channel);
				this.early.push(early);
			}
		}

		/** Our description, with all candidates in it. */
		async describe(): Promise<string> {
			await this.connection.setLocalDescription();
			await new Promise<void>((resolve) => {
				const look = (): void => {
					if (this.connection.iceGatheringState === "complete") resolve();
				};
				this.connection.onicegatheringstatechange = look;
				look();
			});
			return JSON.stringify(this.connection.localDescription);
		}

		async hear(description: RTCSessionDescriptionInit): Promise<void> {
			await this.connection.setRemoteDescription(description);
			for (const candidate of this.candidates.splice(0))
				await this.connection.addIceCandidate(candidate);
		}

		async suggest(candidate: RTCIceCandidateInit): Promise<void> {
			if (this.connection.remoteDescription === null)
				this.candidates.push(candidate);
			else await this.connection.addIceCandidate(candidate);
		}
	}

	interface Attempt {
		readonly caller: string;
		readonly toCaller: Side;
		readonly toCalled: Side;
	}
	const attempts = new Map<string, Attempt>();

	const begin = (caller: string): Attempt => {
		let isCounted = false;
		const onOver = (): void => {
			const sides = [toCaller, toCalled];
			if (isCounted || !sides.every((s) => s.isOver && s.carried > 0)) return;
			isCounted = true;
			void over();
		};
		const toCaller = new Side(onOver);
		const toCalled = new Side(onOver);
		toCaller.other = toCalled;
		toCalled.other = toCaller;
		return { caller, toCaller, toCalled };
	};

	async function take(carried: Carried): Promise<void> {
		const { signal } = carried;
		const said = JSON.parse(signal.data);
		const attempt = attempts.get(signal.attempt) ?? begin(signal.from);
		attempts.set(signal.attempt, attempt);
		const { caller, toCaller, toCalled } = attempt;
		const side = signal.from === caller ? toCaller : toCalled;
		const pass = (data: string): Promise<void> =>
			tell({ ...carried, signal: { ...signal, data } });
		if (said.candidate) await side.suggest(said.candidate);
		else if (said.type === "offer") {
			await side.hear(said);
			await pass(await toCalled.describe());
		} else if (said.type === "answer") {
			await side.hear(said);
			await pass(await toCaller.describe());
		}
	}
	Object.assign(globalThis, { take });
}
