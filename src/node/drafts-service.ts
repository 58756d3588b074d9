/**
 * The calls of the page about drafts, in the node worker; fetched when there is a draft, or somebody asks. Listeners come
 * as Comlink proxies (see `service.ts`).
 */
import { type ProxyMarked, proxy, proxyMarker } from "comlink";
import type {
	DraftId,
	DraftInfo,
	DraftShare,
	DraftView,
	Splice,
} from "./api.ts";
import type { OwnRoom } from "./draft-share.ts";
import { Drafts } from "./drafts.ts";
import { onEachSwarm } from "./each-swarm.ts";
import type { Node } from "./node.ts";

export class DraftsService implements ProxyMarked {
	readonly [proxyMarker] = true;
	readonly #node: Promise<Node>;

	constructor(node: Promise<Node>) {
		this.#node = node;
	}

	async create(given: { title?: string; text?: string }): Promise<DraftInfo> {
		return (await this.#drafts()).create(given);
	}
	async list(): Promise<DraftInfo[]> {
		return (await this.#drafts()).list();
	}
	async watch(listener: (list: DraftInfo[]) => unknown): Promise<() => void> {
		return proxy(
			onEachSwarm(await this.#node, ({ swarm }) =>
				swarm.drafts(Drafts).watch((list) => void listener(list)),
			),
		);
	}
	async open(
		id: DraftId,
		listener: (view: DraftView) => unknown,
	): Promise<() => void> {
		const drafts = await this.#drafts();
		return proxy(drafts.open(id, (view) => void listener(view)));
	}
	async read(id: DraftId): Promise<DraftView> {
		return (await this.#drafts()).read(id);
	}
	async edit(
		id: DraftId,
		splice: Splice,
		version?: number,
	): Promise<{ version: number; text: string }> {
		return (await this.#drafts()).edit(id, splice, version);
	}
	async remove(id: DraftId): Promise<void> {
		await (await this.#drafts()).remove(id);
	}
	async share(id: DraftId): Promise<DraftShare> {
		return (await this.#drafts()).share(id);
	}
	async unshare(id: DraftId): Promise<void> {
		await (await this.#drafts()).unshare(id);
	}

	/** Rooms that pages of this device hold. */
	async watchRooms(
		listener: (rooms: OwnRoom[]) => unknown,
	): Promise<() => void> {
		return proxy(
			onEachSwarm(await this.#node, ({ swarm }) => {
				// Those of another swarm are no longer this page's.
				listener([]);
				return swarm.drafts(Drafts).watchRooms((rooms) => void listener(rooms));
			}),
		);
	}
	async hold(
		{ draft, room }: OwnRoom,
		isTakenOver: boolean,
		say: (update: Uint8Array) => unknown,
		end: () => unknown,
	): Promise<Uint8Array | undefined> {
		const drafts = await this.#drafts();
		return drafts.hold(draft, room, { say, end }, isTakenOver);
	}
	async fromOutside({ draft }: OwnRoom, update: Uint8Array): Promise<void> {
		(await this.#drafts()).fromOutside(draft, update);
	}
	async giveUp({ draft }: OwnRoom, reason: string): Promise<void> {
		(await this.#drafts()).giveUp(draft, reason);
	}
	async setPeople({ draft }: OwnRoom, people: number): Promise<void> {
		(await this.#drafts()).setPeople(draft, people);
	}

	async #drafts(): Promise<Drafts> {
		return (await this.#node).swarm.drafts(Drafts);
	}
}
