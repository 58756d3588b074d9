/**
 * The page without its server (L7): the service worker keeps everything; where there can be none, all files are
 * fetched once so that they are in the browser's cache. A new version waits until no page of this browser runs a job.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { ASSET_LIST, SERVICE_WORKER } from "./offline-files.ts";

/** `waiting-for-work`: somebody pressed "Start it now" while a page runs a job. */
export type UpdateState = "none" | "ready" | "waiting-for-work";

export interface Offline {
	readonly update: ReadonlySignal<UpdateState>;
	/** Whether the page opens without its server. */
	readonly ready: ReadonlySignal<boolean>;
	/** Starts the waiting version now, or as soon as no page runs a job. */
	apply(): Promise<void>;
}

/** Sibling pages have this long to say that they run a job. */
const ANSWER_MS = 400;
/** How often a wanted update asks again. */
const RETRY_MS = 3_000;

/**
 * Starts keeping the page.
 *
 * @param busy whether this page runs a job now
 */
export function keepOffline(busy: () => boolean): Offline {
	const update = signal<UpdateState>("none");
	const ready = signal(false);
	const siblings = new BroadcastChannel("shoal-update");
	let waiting: ServiceWorker | null = null;
	let heardBusy = false;
	siblings.addEventListener("message", (event: MessageEvent<unknown>) => {
		if (event.data === "busy?" && busy()) siblings.postMessage("busy");
		if (event.data === "busy") heardBusy = true;
	});

	async function someBusy(): Promise<boolean> {
		if (busy()) return true;
		heardBusy = false;
		siblings.postMessage("busy?");
		await pause(ANSWER_MS);
		return heardBusy || busy();
	}

	async function apply(): Promise<void> {
		while (await someBusy()) {
			update.value = "waiting-for-work";
			await pause(RETRY_MS);
		}
		waiting?.postMessage("activate");
	}

	async function register(container: ServiceWorkerContainer): Promise<void> {
		const hadController = container.controller !== null;
		container.addEventListener("controllerchange", () => {
			// The first worker takes over a page that is already its own version.
			if (hadController) location.reload();
		});
		const registration = await container.register(SERVICE_WORKER, {
			updateViaCache: "none",
		});
		const note = (worker: ServiceWorker | null) => {
			if (worker === null) return;
			if (worker.state === "installed" && container.controller !== null) {
				waiting = worker;
				if (update.value === "none") update.value = "ready";
			}
			if (worker.state === "activated") ready.value = true;
		};
		const follow = (worker: ServiceWorker | null) => {
			worker?.addEventListener("statechange", () => note(worker));
			note(worker);
		};
		registration.addEventListener("updatefound", () =>
			follow(registration.installing),
		);
		follow(registration.installing);
		follow(registration.waiting);
		note(registration.active);
	}

	const container = (navigator as Partial<Navigator>).serviceWorker;
	const kept = container === undefined ? Promise.reject() : register(container);
	kept
		.catch(() => fetchAll())
		.then(
			() => undefined,
			// Neither way worked: the page still runs as long as its server does, and `ready` stays false.
			() => undefined,
		);

	return { update, ready, apply };
}

/** Fetches every file of the build once. Hashed files are immutable, so the browser keeps them. */
async function fetchAll(): Promise<void> {
	const answer = await fetch(new URL(ASSET_LIST, document.baseURI));
	if (!answer.ok) return;
	const list: unknown = await answer.json();
	if (!Array.isArray(list)) return;
	for (const path of list) {
		if (typeof path !== "string") continue;
		const file = await fetch(new URL(path, document.baseURI));
		await file.arrayBuffer();
	}
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
