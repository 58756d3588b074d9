/** The page's side: starts the node worker, hosts its connections, and makes `globalThis.shoal` of its calls. */
import { proxy, type Remote, transfer, wrap } from "comlink";
import { systemRandom } from "../platform/clock.ts";
import { keepErrorCodes } from "../platform/comlink-errors.ts";
import { hostRtc } from "../platform/rtc-host.ts";
import { installTrustedTypes } from "../platform/trusted-types.ts";
import { toHex } from "../wire/bytes.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import { isOutsideLink } from "../wire/outside-link.ts";
import type { Job, Report, Shoal, SwarmEvent } from "./api.ts";
import { inBatches } from "./batches.ts";
import { deviceName } from "./device-name.ts";
import type { DraftsPart, RemoteDrafts } from "./drafts-page.ts";
import type { NodeBoot, NodeService, Published } from "./service.ts";

declare global {
	/** The page API (see `api.ts`). */
	var shoal: Shoal;
}

/** Where a tab keeps which session it is, over reloads of its own. */
const LAST_SESSION = "shoal/session";

type Service = Remote<NodeService>;

/** Whether the address opens a draft to somebody outside a swarm: then this page is no peer. */
export const isOutside = (): boolean => isOutsideLink(location.hash);

/** Starts this page's node and publishes `globalThis.shoal`. Call once. */
export function startShoal(): Shoal {
	installTrustedTypes();
	keepErrorCodes();
	const worker = new Worker(
		new URL("../../workers/node.worker.ts", import.meta.url),
		{ type: "module", name: "shoal-node" },
	);
	const broken = new Promise<never>((_, reject) => {
		worker.onerror = (event) =>
			reject(
				new ShoalError(
					"not-available",
					`Shoal could not start in this browser: ${event.message || "its worker failed to load"}.`,
				),
			);
	});
	broken.catch(() => undefined);
	const rtc = new MessageChannel();
	hostRtc(rtc.port1, isInvite());
	const boot = wrap<NodeBoot>(worker);
	const started = boot.start(transfer(rtc.port2, [rtc.port2]), {
		base: new URL(".", location.href).href,
		deviceName: deviceName(navigator),
		lastSession: sessionStorage.getItem(LAST_SESSION),
		invited: isInvite(),
	}) as unknown as Promise<Service>;
	const service = Promise.race([started, broken]);
	const ready = service.then((node) => Promise.race([node.ready(), broken]));
	const shoal = createShoal(service, ready);
	ready
		.then(() => shoal.me())
		.then(({ peer }) => sessionStorage.setItem(LAST_SESSION, peer))
		// Without it a reload may become another session of this device, no more.
		.catch(() => undefined);
	takeInvite(service);
	addEventListener("hashchange", () => takeInvite(service));
	Object.defineProperty(globalThis, "shoal", { value: shoal });
	return shoal;
}

const isInvite = (): boolean => location.hash.startsWith("#join=");

/** An invite in the address is stored before it is erased there, so that nothing is lost and nothing is left (M2). */
function takeInvite(service: Promise<Service>): void {
	const url = isInvite() ? location.href : undefined;
	const join = async (): Promise<void> => {
		const node = await service;
		if (url !== undefined) {
			await node.rememberInvite(url);
			history.replaceState(null, "", location.pathname + location.search);
		}
		await node.resumeJoin();
	};
	// The status tells how it goes; nobody awaits it here.
	join().catch((error: unknown) => console.info(messageOf(error)));
}

/** Asks the browser not to clear what somebody entrusted to this page; it may decline, and most never ask anybody. */
function keepStorage(): void {
	if (!("storage" in navigator)) return;
	navigator.storage.persist().catch(() => undefined);
}

function createShoal(service: Promise<Service>, ready: Promise<void>): Shoal {
	ready.catch(() => undefined);
	/** The service once it is ready; where it is not, every call tells why. */
	const open = async (): Promise<Service> => {
		await ready;
		return service;
	};
	const listen = (begin: (node: Service) => Promise<unknown>): (() => void) => {
		let stopped = false;
		let end: (() => unknown) | undefined;
		open()
			.then(begin)
			.then((stop) => {
				end = stop as () => unknown;
				if (stopped) end();
			})
			.catch((error: unknown) => console.error(messageOf(error)));
		return () => {
			stopped = true;
			end?.();
		};
	};
	const jobOf = <T>(id: string, begun: Promise<unknown>): Job<T> => {
		const done = begun
			.then(open)
			.then((node) => node.jobDone(id)) as Promise<T>;
		// Who is not interested in the result must not see an unhandled rejection.
		done.catch(() => undefined);
		return {
			id,
			done,
			progress: (listener) =>
				listen(async (node) => {
					await begun;
					return node.jobProgress(id, proxy(listener));
				}),
			cancel: async () => (await open()).cancelJob(id),
		};
	};
	const addEach: Shoal["documents"]["addEach"] = async (
		files,
		options,
		onEach = () => undefined,
	) => {
		keepStorage();
		return (await open()).addDocuments(
			files.map((file) => ({
				file,
				// A file dropped in a folder keeps its path as its name.
				name: file.webkitRelativePath || file.name,
			})),
			options?.policy,
			proxy(onEach),
		);
	};
	let drafts: Promise<DraftsPart> | undefined;
	const draftsPart = (): Promise<DraftsPart> => {
		drafts ??= Promise.all([import("./drafts-page.ts"), open()]).then(
			async ([{ openDrafts }, node]) =>
				openDrafts((await node.drafts()) as unknown as RemoteDrafts),
		);
		return drafts;
	};
	// This page's turn to hold a room may come at any time.
	listen(async (node) => {
		await node.someDraft();
		return (await draftsPart()).holdRooms();
	});
	const publish = inBatches(async (events: readonly Published[]) =>
		(await open()).publishEach(events),
	);
	return {
		ready,
		me: async () => (await open()).me(),
		rename: async (name) => (await open()).rename(name),
		createSwarm: async (options) => (await open()).createSwarm(options?.name),
		invite: async (options) => (await open()).invite(options ?? {}),
		remove: async (device) => (await open()).remove(device),
		join: async (invite) => (await open()).join(invite),
		swarms: async () => (await open()).swarms(),
		use: async (swarm) => (await open()).use(swarm),
		leave: async () => (await open()).leave(),
		members: async () => (await open()).members(),
		peers: async () => (await open()).peers(),
		agents: async () => (await open()).agents(),
		request: async (to, method, params, options) =>
			(await open()).request(to, method, params ?? null, options ?? {}),
		publish: async (topic, data) => {
			const refusal = await publish({ topic, data });
			if (refusal !== null) throw new ShoalError(refusal.code, refusal.message);
		},
		subscribe: (pattern, listener) =>
			listen((node) =>
				node.subscribe(
					pattern,
					proxy((events: readonly SwarmEvent[]) => {
						for (const event of events)
							try {
								listener(event);
							} catch (error) {
								reportError(error);
							}
					}),
				),
			),
		state: {
			put: async (space, key, value) =>
				(await open()).statePut(space, key, value),
			entries: async (space) => (await open()).stateEntries(space),
			digest: async (space) => (await open()).stateDigest(space),
			copies: async (space) => (await open()).stateCopies(space),
		},
		documents: {
			addEach,
			async add(files, options) {
				const outcomes = await addEach(files, options);
				const added = outcomes.filter((outcome) => outcome.ok);
				const [first] = outcomes;
				if (added.length === 0 && first !== undefined && !first.ok)
					throw new ShoalError(first.code, first.message);
				return added;
			},
			list: async () => (await open()).listDocuments(),
			text: async (id) => (await open()).documentText(id),
			remove: async (id) => (await open()).removeDocument(id),
			bring: async (from) => (await open()).bringDocuments(from),
			watch: (listener) =>
				listen((node) => node.watchDocuments(proxy(listener))),
		},
		drafts: {
			create: async (options) => (await draftsPart()).create(options ?? {}),
			list: async () => (await draftsPart()).list(),
			watch: (listener) =>
				listen(async () => (await draftsPart()).watch(listener)),
			read: async (id) => (await draftsPart()).read(id),
			edit: async (...change) => (await draftsPart()).edit(...change),
			remove: async (id) => (await draftsPart()).remove(id),
			share: async (id) => (await draftsPart()).share(id),
			unshare: async (id) => (await draftsPart()).unshare(id),
			open(id, listener) {
				const opened = draftsPart().then((part) => part.open(id, listener));
				return {
					type: async (...typed) => (await opened).type(...typed),
					close: listen(async () => (await opened).close),
				};
			},
		},
		research({ question, documents }) {
			const id = toHex(systemRandom.bytes(16));
			const begun = open().then((node) =>
				node.research(id, question, documents),
			);
			return jobOf<Report>(id, begun);
		},
		jobs: async () => (await open()).jobs(),
		job: (id) => jobOf(id, Promise.resolve()),
		watch: (listener) => listen((node) => node.watch(proxy(listener))),
	};
}
