/** Makes the page API of calls to the node worker. What scripts pass is checked here, before anything is done. */
import { proxy, type Remote } from "comlink";
import { systemRandom } from "../platform/clock.ts";
import { toHex } from "../wire/bytes.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import type { Job, Report, Shoal, SwarmEvent } from "./api.ts";
import { inBatches } from "./batches.ts";
import type { DraftsPart, RemoteDrafts } from "./drafts-page.ts";
import { listenerOf, optionsOf, refusalOf, textOf } from "./page-input.ts";
import type { NodeService, Published } from "./service.ts";

export type Service = Remote<NodeService>;

/**
 * @param ready rejects where the node could not start, with the reason
 * @param onEntrusted called when somebody adds documents
 */
export function createShoal(
	node: Service,
	ready: Promise<void>,
	onEntrusted: () => void,
): Shoal {
	ready.catch(() => undefined);
	/** Calls the service once it is ready; where it is not, every call tells why. */
	const ask = async <T>(call: (node: Service) => Promise<T>): Promise<T> => {
		await ready;
		try {
			return await call(node);
		} catch (error) {
			throw refusalOf(error);
		}
	};
	const listen = (begin: (node: Service) => Promise<unknown>): (() => void) => {
		let stopped = false;
		let end: (() => unknown) | undefined;
		ask(begin)
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
		const done = begun.then(() =>
			ask((node) => node.jobDone(id)),
		) as Promise<T>;
		// Who is not interested in the result must not see an unhandled rejection.
		done.catch(() => undefined);
		return {
			id,
			done,
			progress(listener) {
				listenerOf(listener);
				return listen(async (node) => {
					await begun;
					return node.jobProgress(id, proxy(listener));
				});
			},
			cancel: () => ask((node) => node.cancelJob(id)),
		};
	};
	const addEach: Shoal["documents"]["addEach"] = (
		files,
		options,
		onEach = () => undefined,
	) =>
		ask(async (node) => {
			const { policy } = optionsOf(options);
			listenerOf(onEach);
			const named = files.map((file) => ({
				file,
				// A file dropped in a folder keeps its path as its name.
				name: file.webkitRelativePath || file.name,
			}));
			onEntrusted();
			return node.addDocuments(named, policy, proxy(onEach));
		});
	let drafts: Promise<DraftsPart> | undefined;
	const draftsPart = (): Promise<DraftsPart> => {
		drafts ??= Promise.all([
			import("./drafts-page.ts"),
			ask((node) => node.drafts()),
		]).then(([{ openDrafts }, remote]) =>
			openDrafts(remote as unknown as RemoteDrafts),
		);
		return drafts;
	};
	const draft = async <T>(
		call: (part: DraftsPart) => Promise<T>,
	): Promise<T> => {
		const part = await draftsPart();
		return ask(() => call(part));
	};
	// This page's turn to hold a room may come at any time.
	listen(async (node) => {
		await node.someDraft();
		return (await draftsPart()).holdRooms();
	});
	const publish = inBatches((events: readonly Published[]) =>
		ask((node) => node.publishEach(events)),
	);
	return {
		ready,
		me: () => ask((node) => node.me()),
		rename: (name) => ask((node) => node.rename(name)),
		createSwarm: (options) =>
			ask(async (node) => node.createSwarm(optionsOf(options).name)),
		invite: (options) => ask(async (node) => node.invite(optionsOf(options))),
		remove: (device) => ask((node) => node.remove(device)),
		join: (invite) => ask((node) => node.join(invite)),
		swarms: () => ask((node) => node.swarms()),
		use: (swarm) => ask((node) => node.use(swarm)),
		leave: () => ask((node) => node.leave()),
		members: () => ask((node) => node.members()),
		peers: () => ask((node) => node.peers()),
		agents: () => ask((node) => node.agents()),
		request: (to, method, params, options) =>
			ask(async (node) =>
				node.request(to, method, params ?? null, optionsOf(options)),
			),
		publish: async (topic, data) => {
			const refusal = await publish({ topic, data });
			if (refusal !== null) throw new ShoalError(refusal.code, refusal.message);
		},
		subscribe(pattern, listener) {
			textOf(pattern);
			listenerOf(listener);
			return listen((node) =>
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
			);
		},
		state: {
			put: (space, key, value) =>
				ask((node) => node.statePut(space, key, value)),
			entries: (space) => ask((node) => node.stateEntries(space)),
			digest: (space) => ask((node) => node.stateDigest(space)),
			copies: (space) => ask((node) => node.stateCopies(space)),
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
			list: () => ask((node) => node.listDocuments()),
			text: (id) => ask((node) => node.documentText(id)),
			remove: (id) => ask((node) => node.removeDocument(id)),
			bring: (from) => ask((node) => node.bringDocuments(from)),
			watch(listener) {
				listenerOf(listener);
				return listen((node) => node.watchDocuments(proxy(listener)));
			},
		},
		drafts: {
			create: (options) => draft((part) => part.create(options)),
			list: () => draft((part) => part.list()),
			watch(listener) {
				listenerOf(listener);
				return listen(async () => (await draftsPart()).watch(listener));
			},
			read: (id) => draft((part) => part.read(id)),
			edit: (...change) => draft((part) => part.edit(...change)),
			remove: (id) => draft((part) => part.remove(id)),
			share: (id) => draft((part) => part.share(id)),
			unshare: (id) => draft((part) => part.unshare(id)),
			open(id, listener) {
				listenerOf(listener);
				const opened = draft((part) => part.open(id, listener));
				return {
					type: async (...typed) => (await opened).type(...typed),
					close: listen(async () => (await opened).close),
				};
			},
		},
		research(options) {
			const id = toHex(systemRandom.bytes(16));
			const begin = ask(async (node) => {
				const { question = "", documents } = optionsOf(options);
				return node.research(id, question, documents);
			});
			return jobOf<Report>(id, begin);
		},
		jobs: () => ask((node) => node.jobs()),
		job: (id) => jobOf(textOf(id), Promise.resolve()),
		watch(listener) {
			listenerOf(listener);
			return listen((node) => node.watch(proxy(listener)));
		},
	};
}
