/** The co-edited drafts of a swarm: which there are, what a page shows of each, and which are open to the outside. */
import { toHex } from "../wire/bytes.ts";
import {
	MAX_DRAFT_LENGTH,
	MAX_DRAFT_TITLE,
	ROOM_TAKEOVER_MS,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import {
	type DraftId,
	draftSpace,
	isDraftSpace,
	type SpaceId,
	SWARM_SPACE,
} from "../wire/ids.ts";
import { wellFormed } from "../wire/text-splice.ts";
import type {
	DraftInfo,
	DraftShare,
	DraftSpan,
	DraftView,
	Splice,
} from "./api.ts";
import { Draft, type DraftDeps } from "./draft.ts";
import { isKind, newRoom, recordsOf, type Written } from "./draft-records.ts";
import type { RoomSink } from "./draft-room.ts";
import {
	nextShare,
	type OwnRoom,
	type Sharing,
	shareOf,
	shownOf,
	sizeOf,
	whyEnded,
} from "./draft-share.ts";

export interface DraftsDeps extends DraftDeps {
	/** Where other devices open the page. */
	inviteBase(): Promise<string>;
}

const PREFIX = draftSpace("");
const UNTITLED = "Untitled draft";

export class Drafts {
	readonly #deps: DraftsDeps;
	readonly #open = new Map<DraftId, Draft>();
	readonly #unwatch: () => void;

	constructor(deps: DraftsDeps) {
		this.#deps = deps;
		this.#unwatch = deps.replica.watch((space) => this.#changed(space));
	}

	stop(): void {
		this.#unwatch();
		for (const draft of this.#open.values()) draft.stop();
		this.#open.clear();
	}

	/** @throws ShoalError `bad-input`, `too-large`, `not-saved` */
	async create(given: { title?: string; text?: string }): Promise<DraftInfo> {
		const { clock, random } = this.#deps;
		const title = (given.title ?? UNTITLED).trim() || UNTITLED;
		if (title.length > MAX_DRAFT_TITLE)
			throw new ShoalError(
				"bad-input",
				`A draft's title has 1-${MAX_DRAFT_TITLE} characters.`,
			);
		const insert = given.text ?? "";
		// Checked before anything is written: a draft without its text would be left behind.
		if (insert.length > MAX_DRAFT_LENGTH)
			throw new ShoalError("too-large", "A draft cannot be as long as that.");
		const id = toHex(random.bytes(16));
		const draft = new Draft(id, this.#deps);
		this.#open.set(id, draft);
		const made = draft.record({ kind: "draft", title, made: clock.wall() });
		await Promise.all([
			made,
			draft.write([{ at: 0, remove: 0, insert: wellFormed(insert) }]),
		]);
		return this.#known(id);
	}

	/** The latest first. */
	list(): DraftInfo[] {
		return this.#deps.replica
			.spaces()
			.flatMap((space) => this.#info(space) ?? [])
			.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
	}

	/** Calls back at once and whenever the list changes. */
	watch(listener: (drafts: DraftInfo[]) => void): () => void {
		return this.#tell(() => this.list(), listener);
	}

	/** @throws ShoalError `no-such-draft` */
	read(id: DraftId): DraftView {
		const draft = this.#draft(id);
		const share = this.#shareOf(draft);
		return {
			...this.#known(id),
			version: draft.version,
			text: draft.text,
			spans: draft.spans().flatMap(({ session, ...span }): DraftSpan[] => {
				const device = this.#deps.replica.deviceOf(session);
				return device === undefined ? [] : [{ ...span, device }];
			}),
			share: share === undefined ? null : shownOf(share, draft.held),
			closedBecause: share === undefined ? whyEnded(draft.records) : null,
			size: sizeOf(draft.text, share && draft.bytesOf(share)),
		};
	}

	/** Calls back at once and on every change, until the draft is removed. @throws ShoalError `no-such-draft` */
	open(id: DraftId, listener: (view: DraftView) => void): () => void {
		const draft = this.#draft(id);
		listener(this.read(id));
		return draft.watch(() => {
			if (this.#open.get(id) === draft) listener(this.read(id));
		});
	}

	/** @throws ShoalError `no-such-draft`, `bad-input`, `too-large`, `not-saved`, `closed` */
	async edit(
		id: DraftId,
		splice: Splice,
		version?: number,
	): Promise<{ version: number; text: string }> {
		return this.#draft(id).edit(splice, version);
	}

	/** @throws ShoalError `no-such-draft`, `not-a-member` for who is neither owner nor admin */
	async remove(id: DraftId): Promise<void> {
		await this.#deps.replica.seal(this.#draft(id).space);
	}

	/** @throws ShoalError `no-such-draft`, `too-large`, `not-saved` */
	async share(id: DraftId): Promise<DraftShare> {
		const draft = this.#draft(id);
		const base = await this.#deps.inviteBase();
		if (this.#shareOf(draft) === undefined) {
			if (sizeOf(draft.text, undefined).state === "over")
				throw new ShoalError(
					"too-large",
					"This draft is larger than y-webrtc can carry, so it cannot be opened to people outside.",
				);
			const { random } = this.#deps;
			const nth = nextShare(draft.records);
			const epoch = this.#epoch();
			const room = newRoom(random);
			await draft.record({ kind: "share", ...room, base, nth, epoch });
			draft.refresh();
		}
		const share = this.#shareOf(draft);
		if (share === undefined)
			throw new ShoalError("closed", "It was closed again at once.");
		return shownOf(share, draft.held);
	}

	/** @throws ShoalError `no-such-draft`, `not-saved` */
	async unshare(id: DraftId): Promise<void> {
		const draft = this.#draft(id);
		const share = this.#shareOf(draft);
		if (share !== undefined)
			await draft.record({ kind: "end", room: share.room });
	}

	/** Rooms that this device opened and should hold: told at once and on every change. */
	watchRooms(listener: (rooms: OwnRoom[]) => void): () => void {
		return this.#tell(
			() =>
				this.list().flatMap(({ id }): OwnRoom[] => {
					const share = this.#ownShare(id);
					if (share === undefined) return [];
					const { room, password } = share;
					return [{ draft: id, room, password }];
				}),
			listener,
		);
	}

	/**
	 * This page holds the room from now on; no other page of the device may.
	 *
	 * @param isTakenOver another page held it a moment ago: what that one wrote last is waited for
	 * @returns what the outside is told first; undefined where the room is closed
	 */
	async hold(
		id: DraftId,
		room: string,
		sink: RoomSink,
		isTakenOver: boolean,
	): Promise<Uint8Array | undefined> {
		const { clock } = this.#deps;
		if (isTakenOver)
			await new Promise<void>((resolve) => {
				clock.after(ROOM_TAKEOVER_MS, resolve);
			});
		const draft = this.#draft(id);
		return this.#ownShare(id)?.room === room
			? draft.hold(room, sink)
			: undefined;
	}

	/** What was written outside. */
	fromOutside(id: DraftId, raw: Uint8Array): void {
		this.#open.get(id)?.held?.take(raw);
	}

	/** The room cannot go on; the reason is for people. */
	giveUp(id: DraftId, reason: string): void {
		this.#open.get(id)?.held?.giveUp(reason);
	}

	setPeople(id: DraftId, people: number): void {
		this.#open.get(id)?.setPeople(people);
	}

	/** The present one; while somebody was removed and the next has not begun, that one. */
	#epoch(): number {
		const { epoch, needsEpoch } = this.#deps.replica.membership();
		return (epoch?.number ?? 0) + (needsEpoch ? 1 : 0);
	}

	#sharing(): Sharing {
		const { replica } = this.#deps;
		const membership = replica.membership();
		return {
			epoch: this.#epoch(),
			isMember: (device) => membership.isMember(device),
		};
	}

	#shareOf({ records }: Draft): Written<"share"> | undefined {
		return shareOf(records, this.#sharing());
	}

	#ownShare(id: DraftId): Written<"share"> | undefined {
		const facts = this.#deps.replica.facts(draftSpace(id));
		const share = shareOf(recordsOf(facts), this.#sharing());
		return share?.device === this.#deps.device ? share : undefined;
	}

	#changed(space: SpaceId): void {
		if (space === SWARM_SPACE)
			for (const draft of this.#open.values())
				draft.letGoUnless(this.#shareOf(draft)?.room);
		if (!isDraftSpace(space)) return;
		const id = space.slice(PREFIX.length);
		const draft = this.#open.get(id);
		if (draft === undefined) return;
		draft.refresh();
		draft.letGoUnless(this.#shareOf(draft)?.room);
		if (draft.records.length > 0) return;
		// Sealed: nothing is left of it.
		draft.stop();
		this.#open.delete(id);
	}

	/** Tells something now, and whenever it is something else. */
	#tell<T>(make: () => T, listener: (made: T) => void): () => void {
		let told = "";
		const tell = (): void => {
			const made = make();
			const said = JSON.stringify(made);
			if (said === told) return;
			told = said;
			listener(made);
		};
		tell();
		return this.#deps.replica.watch((space) => {
			if (isDraftSpace(space) || space === SWARM_SPACE) tell();
		});
	}

	#draft(id: DraftId): Draft {
		const known = this.#open.get(id);
		if (known !== undefined) return known;
		this.#known(id);
		const draft = new Draft(id, this.#deps);
		this.#open.set(id, draft);
		return draft;
	}

	#known(id: DraftId): DraftInfo {
		const info = this.#info(draftSpace(id));
		if (info === undefined)
			throw new ShoalError("no-such-draft", "There is no such draft.");
		return info;
	}

	#info(space: SpaceId): DraftInfo | undefined {
		if (!isDraftSpace(space)) return undefined;
		const records = recordsOf(this.#deps.replica.facts(space));
		const [first] = records.filter(isKind("draft"));
		if (first === undefined) return undefined;
		return {
			id: space.slice(PREFIX.length),
			title: first.title,
			device: first.device,
			createdAt: first.made,
			isShared: shareOf(records, this.#sharing()) !== undefined,
		};
	}
}
