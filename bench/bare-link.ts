/**
 * The floor that joining is compared with: two empty pages of one browser, one connection, one data channel, signals
 * over a BroadcastChannel. No relay, no keys, no storage.
 */
import type { Browser } from "playwright";
import { newDevice } from "../scripts/headless-swarm.ts";

/**
 * Milliseconds from making the connection to the open channel at both ends, measured so many times.
 *
 * @param url a page of ours that loads nothing; both ends need an origin to share a BroadcastChannel
 */
export async function timeBareLinks(
	browser: Browser,
	url: string,
	runs: number,
): Promise<number[]> {
	const context = await newDevice(browser);
	try {
		const [caller, callee] = [await context.newPage(), await context.newPage()];
		await Promise.all([caller.goto(url), callee.goto(url)]);
		const times: number[] = [];
		for (let run = 0; run < runs; run++) {
			const name = `bare-${run}`;
			// The callee listens before the caller speaks; its evaluation resolves when both ends are open.
			await callee.evaluate(link, { name, calls: false });
			times.push(await caller.evaluate(link, { name, calls: true }));
		}
		return times;
	} finally {
		await context.close();
	}
}

/** Runs in the page. The callee resolves at once, with 0; the caller when it has heard that both ends are open. */
function link({ name, calls }: { name: string; calls: boolean }) {
	interface Signal {
		readonly description?: RTCSessionDescriptionInit;
		readonly candidate?: RTCIceCandidateInit;
	}
	const begun = performance.now();
	const connection = new RTCPeerConnection({ iceServers: [] });
	const channel = connection.createDataChannel("bare", {
		negotiated: true,
		id: 0,
	});
	const signals = new BroadcastChannel(name);
	const say = (signal: Signal): void =>
		signals.postMessage(JSON.parse(JSON.stringify(signal)));
	const early: RTCIceCandidateInit[] = [];
	const take = async ({ description, candidate }: Signal): Promise<void> => {
		if (description !== undefined) {
			await connection.setRemoteDescription(description);
			if (description.type === "offer") {
				await connection.setLocalDescription();
				if (connection.localDescription !== null)
					say({ description: connection.localDescription });
			}
			for (const waiting of early.splice(0))
				await connection.addIceCandidate(waiting);
		} else if (candidate !== undefined) {
			if (connection.remoteDescription === null) early.push(candidate);
			else await connection.addIceCandidate(candidate);
		}
	};
	signals.onmessage = ({ data }: MessageEvent<Signal>) => {
		take(data).catch(console.error);
	};
	connection.onicecandidate = ({ candidate }) => {
		if (candidate !== null) say({ candidate: candidate.toJSON() });
	};
	if (!calls) {
		channel.onopen = () => channel.send("open");
		channel.onclose = () => {
			connection.close();
			signals.close();
		};
		return 0;
	}
	return new Promise<number>((resolve, reject) => {
		const limit = setTimeout(
			() => reject(new Error("A bare link did not open within 10 s.")),
			10_000,
		);
		channel.onmessage = () => {
			clearTimeout(limit);
			resolve(performance.now() - begun);
			connection.close();
			signals.close();
		};
		connection
			.setLocalDescription()
			.then(() => {
				if (connection.localDescription !== null)
					say({ description: connection.localDescription });
			})
			.catch(reject);
	});
}
