/** One draft as a page has it in hand: its text, its versions, and its room where this page holds it. */
import { SharedText, type TextEdit } from "../replica/shared-text.ts";
import type { Replica } from "../replica/types.ts";
import type { Clock, Random } from "../wire/clock.ts";
import {
	DRAFT_TOLD_MS,
	DRAFT_VERSIONS,
	MAX_DRAFT_LENGTH,
} from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import {
	type DeviceId,
	type DraftId,
	draftSpace,
	type PeerId,
	type SpaceId,
} from "../wire/ids.ts";
import { splicesBetween } from "../wire/text-diff.ts";
import {
	applySplices,
	areWhole,
	moveSplices,
	type Splice,
	wellFormed,
} from "../wire/text-splice.ts";
import {
	type DraftRecord,
	editsOf,
	recordsOf,
	type Written,
} from "./draft-records.ts";
import { DraftRoom, type RoomSink } from "./draft-room.ts";
import { RoomSize } from "./room-size.ts";

export interface DraftDeps {
	readonly replica: Replica;
	readonly clock: Clock;
	readonly random: Random;
	readonly session: PeerId;
	readonly device: DeviceId;
}

export class Draft {
	readonly id: DraftId;
	readonly space: SpaceId;
	/** Of this page, where it holds one. */
	held: DraftRoom | undefined;
	readonly #deps: DraftDeps;
	readonly #shared: SharedText;
	/** Own edits that are not among the facts yet. */
	#pending: TextEdit[] = [];
	#records: readonly Written[] = [];
	#version = 1;
	/** What led from each earlier version to the next, the latest last. */
	readonly #changes: (readonly Splice[])[] = [];
	#text = "";
	#nextKey: number;
	readonly #listeners = new Set<() => void>();
	#size: RoomSize | undefined;
	#cancelTell: (() => void) | undefined;

	constructor(id: DraftId, deps: DraftDeps) {
		this.id = id;
		this.space = draftSpace(id);
		this.#deps = deps;
		this.#shared = new SharedText(this.space);
		const { replica, session } = deps;
		this.#nextKey = replica
			.facts(this.space)
			.filter(({ peer }) => peer === session)
			.reduce((next, { key }) => Math.max(next, numberIn(key) + 1), 0);
		this.refresh();
	}

	get text(): string {
		return this.#text;
	}

	get version(): number {
		return this.#version;
	}

	get records(): readonly Written[] {
		return this.#records;
	}

	spans(): ReturnType<SharedText["spans"]> {
		return this.#shared.spans();
	}

	/** The space changed. */
	refresh(): void {
		this.#records = recordsOf(this.#deps.replica.facts(this.space));
		const edits = editsOf(this.#records);
		const { session } = this.#deps;
		const stored = new Set(
			edits.flatMap((edit) => (edit.session === session ? [edit.at] : [])),
		);
		this.#pending = this.#pending.filter(({ at }) => !stored.has(at));
		this.#shared.take([...edits, ...this.#pending]);
		this.#changed();
	}

	/**
	 * @param version that the splice is meant for; the present one where it is left out
	 * @throws ShoalError `bad-input` for positions that are none and versions long gone, `too-large`, `not-saved`, `closed`
	 */
	async edit(
		splice: Splice,
		version = this.#version,
	): Promise<{ version: number; text: string }> {
		const behind = this.#version - version;
		if (!Number.isSafeInteger(behind) || behind < 0)
			throw new ShoalError("bad-input", "The draft has no such version.");
		if (behind > this.#changes.length)
			throw new ShoalError(
				"bad-input",
				"The draft has changed a lot since then. Read it again.",
			);
		const moved = this.#changes
			.slice(this.#changes.length - behind)
			.reduce<Splice[]>(moveSplices, [checked(splice)]);
		const end = Math.max(...moved.map(({ at, remove }) => at + remove));
		if (end > this.#text.length)
			throw new ShoalError("bad-input", "The draft is shorter than that.");
		const wanted = applySplices(this.#text, moved);
		if (wanted.length > MAX_DRAFT_LENGTH)
			throw new ShoalError("too-large", "A draft cannot be as long as that.");
		const stored = this.write(
			areWhole(this.#text, moved)
				? moved
				: splicesBetween(this.#text, wellFormed(wanted)),
		);
		const after = { version: this.#version, text: this.#text };
		await stored;
		return after;
	}

	/** Writes splices of the present text. `from`: where they were brought in from. */
	async write(
		splices: readonly Splice[],
		from?: { readonly room: string; readonly raw: Uint8Array },
	): Promise<void> {
		const changing = splices.filter(
			({ remove, insert }) => remove > 0 || insert !== "",
		);
		if (changing.length === 0) return;
		const { session } = this.#deps;
		const edit = this.#shared.write(session, from !== undefined, changing);
		this.#pending.push(edit);
		const { at, update } = edit;
		const stored = this.record({ kind: "edit", at, update, ...from });
		this.#changed();
		try {
			await stored;
		} catch (error) {
			this.#pending = this.#pending.filter((one) => one !== edit);
			this.refresh();
			throw error;
		}
	}

	/** Writes a record; resolves once committed. */
	record(record: DraftRecord): Promise<void> {
		const key = `${record.kind}:${this.#nextKey++}`;
		return this.#deps.replica.put(this.space, { [key]: record });
	}

	/**
	 * Holds the room of this draft from now on.
	 *
	 * @returns what the outside is told first; undefined where that cannot be
	 */
	async hold(name: string, sink: RoomSink): Promise<Uint8Array | undefined> {
		if (this.held !== undefined) return undefined;
		const { clock, random, device } = this.#deps;
		const held = new DraftRoom({
			name,
			clock,
			client: new DataView(random.bytes(4).slice().buffer).getUint32(0),
			history: this.#historyOf(name, device),
			text: () => this.#text,
			keep: (raw) => this.record({ kind: "room", room: name, raw }),
			bringIn: (raw, splices) => this.write(splices, { room: name, raw }),
			sink,
			onEnd: (reason) => {
				this.letGoUnless(undefined);
				// Where that cannot be stored either, the room stays in the list, and a page opens it again.
				this.record({ kind: "end", room: name, reason }).catch(() => undefined);
			},
		});
		this.held = held;
		return held.open();
	}

	/** Lets go of a room that is no longer the draft's. */
	letGoUnless(name: string | undefined): void {
		if (this.held !== undefined && this.held.name !== name) {
			this.held.stop();
			this.held = undefined;
		}
		this.touch();
	}

	/** Bytes of a room of this draft, whichever page holds it; undefined before anything was said in it. */
	bytesOf({ room, device }: Written<"share">): number | undefined {
		if (this.held?.name === room) return this.held.bytes;
		if (this.#size?.name !== room) this.#size = new RoomSize(room);
		return this.#size.bytesOf(this.#historyOf(room, device));
	}

	setPeople(people: number): void {
		if (this.held === undefined) return;
		this.held.people = people;
		this.touch();
	}

	/** Hears of changes, a moment later and once for many. */
	watch(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Something else that is shown has changed. */
	touch(): void {
		if (this.#listeners.size === 0) return;
		this.#cancelTell ??= this.#deps.clock.after(DRAFT_TOLD_MS, () => {
			this.#cancelTell = undefined;
			for (const listener of [...this.#listeners]) listener();
		});
	}

	stop(): void {
		this.#cancelTell?.();
		this.#listeners.clear();
		this.held?.stop();
		this.held = undefined;
	}

	/** What the device that holds a room said and heard in it; nobody else's word counts there. */
	#historyOf(name: string, device: DeviceId): Uint8Array[] {
		return this.#records.flatMap((record) => {
			if (record.device !== device) return [];
			if (record.kind !== "room" && record.kind !== "edit") return [];
			return record.room === name && record.raw !== undefined
				? [record.raw]
				: [];
		});
	}

	#changed(): void {
		const { text } = this.#shared;
		const changes = splicesBetween(this.#text, text);
		if (changes.length > 0) {
			this.#text = text;
			this.#version++;
			this.#changes.push(changes);
			if (this.#changes.length > DRAFT_VERSIONS) this.#changes.shift();
			this.held?.follow();
		}
		this.touch();
	}
}

/** The number in a record's key. */
const numberIn = (key: string): number => Number(/\d+$/.exec(key)?.[0] ?? 0);

function checked({ at, remove, insert }: Splice): Splice {
	const isPlace = (value: unknown): boolean =>
		Number.isSafeInteger(value) && Number(value) >= 0;
	if (!isPlace(at) || !isPlace(remove) || typeof insert !== "string")
		throw new ShoalError(
			"bad-input",
			"A change is a position, how much goes, and a text.",
		);
	return { at, remove, insert };
}
