/** What the page calls in its node worker, over Comlink. `page.ts` makes `globalThis.shoal` of it. */
import { proxy } from "comlink";
import { fetchNeighbours } from "../mesh/late.ts";
import { codeOf, type ErrorCode, messageOf } from "../wire/error.ts";
import { isDraftSpace, type JobId } from "../wire/ids.ts";
import type {
	AddedDocument,
	AgentInfo,
	DocumentInfo,
	DocumentPolicy,
	JobInfo,
	Me,
	Member,
	Peer,
	Progress,
	Report,
	StateEntry,
	Status,
	SwarmEvent,
	SwarmInfo,
} from "./api.ts";
import { inBatches } from "./batches.ts";
import type { DraftsService } from "./drafts-service.ts";
import { onEachSwarm } from "./each-swarm.ts";
import type { InviteOptions } from "./invites.ts";
import { Node } from "./node.ts";
import type { NodePorts } from "./ports.ts";

/** An event that a page publishes. */
export interface Published {
	readonly topic: string;
	readonly data: unknown;
}

type Listener<T> = (value: T) => void;

/**
 * Calls that need the node wait for it to open. Listeners come as Comlink proxies: what they return is ignored, and a
 * page that is gone simply no longer answers.
 */
export class NodeService {
	readonly #loaded: Promise<Node>;
	readonly #node: Promise<Node>;
	readonly #kept: Promise<void>;
	#drafts: Promise<DraftsService> | undefined;

	/** @param invite the one that the page was opened by */
	constructor(loaded: Promise<Node>, invite: string | null) {
		this.#loaded = loaded;
		this.#kept = this.#loaded.then((node) => {
			if (invite !== null) return take(node, invite);
			told(node.resumeJoin());
			return undefined;
		});
		this.#kept.catch(() => undefined);
		this.#node = this.#loaded.then(async (node) => {
			await node.start(invite !== null);
			return node;
		});
		// On its way while storage opens. Where that fails, it is fetched again when it is needed.
		fetchNeighbours().catch(() => undefined);
		// Whoever calls hears of a failure; an unheard rejection here would only be noise.
		this.#node.catch(() => undefined);
	}

	static open(ports: Promise<NodePorts>, invite: string | null): NodeService {
		return new NodeService(
			ports.then((ready) => Node.load(ready)),
			invite,
		);
	}

	async ready(): Promise<void> {
		await this.#node;
	}
	async me(): Promise<Me> {
		return (await this.#node).me();
	}
	async rename(name: string): Promise<void> {
		await (await this.#node).rename(name);
	}
	async createSwarm(name?: string): Promise<{ swarm: string; invite: string }> {
		return (await this.#node).createSwarm(name);
	}
	async invite(options: InviteOptions): Promise<string> {
		return (await this.#node).swarm.admission.invite(options);
	}
	async join(url: string): Promise<{ swarm: string }> {
		return (await this.#node).join(url);
	}
	/** Resolves once the invite that the page was opened by would outlive a reload. */
	async inviteKept(): Promise<void> {
		await this.#kept;
	}
	/** The same of one that came into the page's address later. */
	async takeInvite(url: string): Promise<void> {
		await take(await this.#loaded, url);
	}
	async swarms(): Promise<SwarmInfo[]> {
		return (await this.#node).swarms();
	}
	async use(swarm: string): Promise<void> {
		await (await this.#node).use(swarm);
	}
	async leave(): Promise<void> {
		await (await this.#node).leave();
	}
	async members(): Promise<Member[]> {
		return (await this.#node).swarm.presence.members();
	}
	async remove(device: string): Promise<void> {
		await (await this.#node).swarm.departures.remove(device);
	}
	async peers(): Promise<Peer[]> {
		return (await this.#node).swarm.presence.peers();
	}
	async agents(): Promise<AgentInfo[]> {
		return (await this.#node).swarm.presence.agents();
	}
	async request(
		to: string,
		method: string,
		params: unknown,
		options: { timeoutMs?: number },
	): Promise<unknown> {
		return (await this.#node).swarm.request(to, method, params, options);
	}
	/** Publishes each; what is refused is named in its place. */
	async publishEach(
		events: readonly Published[],
	): Promise<({ code: ErrorCode; message: string } | null)[]> {
		const { swarm } = await this.#node;
		return events.map(({ topic, data }) => {
			try {
				swarm.publish(topic, data);
				return null;
			} catch (error) {
				const code = codeOf(error);
				if (code === undefined) throw error;
				return { code, message: messageOf(error) };
			}
		});
	}
	async subscribe(
		pattern: string,
		listener: (events: readonly SwarmEvent[]) => unknown,
	): Promise<() => void> {
		const tell = inBatches(async (events: readonly SwarmEvent[]) => {
			await listener(events);
			return events;
		});
		return proxy(
			onEachSwarm(await this.#node, (node) =>
				node.swarm.mesh.messenger.subscribe(pattern, (event) => {
					// A page that is gone hears nothing more.
					tell(event).catch(() => undefined);
				}),
			),
		);
	}
	async statePut(space: string, key: string, value: unknown): Promise<void> {
		await (await this.#node).swarm.state.put(space, key, value);
	}
	async stateEntries(space: string): Promise<StateEntry[]> {
		return (await this.#node).swarm.state.entries(space);
	}
	async stateDigest(space: string): Promise<string> {
		return (await this.#node).swarm.state.digest(space);
	}
	async stateCopies(space: string): Promise<number> {
		return (await this.#node).swarm.state.copies(space);
	}
	async addDocuments(
		files: readonly { readonly name: string; readonly file: File }[],
		policy: DocumentPolicy | undefined,
		onEach: Listener<AddedDocument>,
	): Promise<AddedDocument[]> {
		return (await this.#node).swarm.documents.addEach(files, policy, onEach);
	}
	async listDocuments(): Promise<DocumentInfo[]> {
		return (await this.#node).swarm.documents.list();
	}
	async documentText(id: string): Promise<string> {
		return (await this.#node).swarm.documents.text(id);
	}
	async removeDocument(id: string): Promise<void> {
		await (await this.#node).swarm.documents.remove(id);
	}
	async bringDocuments(from: string): Promise<DocumentInfo[]> {
		return (await this.#node).bringDocuments(from);
	}
	async watchDocuments(
		listener: Listener<DocumentInfo[]>,
	): Promise<() => void> {
		return proxy(
			onEachSwarm(await this.#node, (node) =>
				node.swarm.documents.watch(listener),
			),
		);
	}
	async research(
		job: JobId,
		question: string,
		documents: readonly string[] | undefined,
	): Promise<void> {
		await (await this.#node).swarm.research.submit(job, question, documents);
	}
	async jobs(): Promise<JobInfo[]> {
		return (await this.#node).swarm.research.jobs();
	}
	async jobDone(job: JobId): Promise<Report> {
		return (await this.#node).swarm.research.done(job);
	}
	async jobProgress(
		job: JobId,
		listener: Listener<Progress>,
	): Promise<() => void> {
		return proxy((await this.#node).swarm.research.progress(job, listener));
	}
	async cancelJob(job: JobId): Promise<void> {
		await (await this.#node).swarm.tasks.cancel(job);
	}
	/** Resolves once the page's swarm has a draft: what drafts take is fetched then. */
	async someDraft(): Promise<void> {
		const node = await this.#node;
		await new Promise<void>((resolve) => {
			onEachSwarm(node, ({ swarm: { replica } }) => {
				const look = (): void => {
					if (replica.spaces().some(isDraftSpace)) resolve();
				};
				look();
				return replica.watch(look);
			});
		});
	}
	/** Its calls, made once: each would be a port of its own. */
	drafts(): Promise<DraftsService> {
		this.#drafts ??= import("./drafts-service.ts").then(
			(part) => new part.DraftsService(this.#node),
		);
		return this.#drafts;
	}
	async watch(listener: Listener<Status>): Promise<() => void> {
		return proxy((await this.#node).watch(listener));
	}
	async wake(): Promise<void> {
		(await this.#node).wake();
	}
}

/** Resolves once the invite is stored. */
function take(node: Node, url: string): Promise<void> {
	const { kept, joined } = node.takeInvite(url);
	told(joined);
	return kept;
}

/** The status tells how a join goes; nobody awaits it here. */
function told(join: Promise<void>): void {
	join.catch((error: unknown) => console.info(messageOf(error)));
}
