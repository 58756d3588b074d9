/** Who was told which digest of which space, and when it is said again (S6). Repairs whatever live sending lost. */
import type { Clock } from "../wire/clock.ts";
import {
	DIGEST_DELAY_MS,
	DIGEST_RETRY_MAX_MS,
	DIGEST_TRIES,
} from "../wire/constants.ts";
import type { PeerId, SpaceId } from "../wire/ids.ts";
import { EMPTY_DIGEST } from "./space.ts";
import { encodeSync, MAX_DIGESTS } from "./sync-messages.ts";

interface Telling {
	/** What we said last. */
	said: string | undefined;
	/** What the peer said last. */
	told: string | undefined;
	/** Times it was said since the space last changed. */
	tries: number;
	/** When to say it (again); Infinity: not before something changes. */
	dueAt: number;
	/** First change since it was last said. */
	dirtyAt: number | undefined;
}

interface Digests {
	spaces(): readonly SpaceId[];
	digest(space: SpaceId): string;
	/** Of the facts; `undefined` where they are ahead of the heads (S11). */
	state(space: SpaceId): string | undefined;
}

/** Steady writing pushes a telling on, but not for longer than this. */
const MAX_DELAY_MS = 5 * DIGEST_DELAY_MS;
/** Spaces that one peer can make us remember. */
const MAX_SPACES = 10_000;

export class Tellings {
	readonly #clock: Clock;
	readonly #digests: Digests;
	readonly #say: (peer: PeerId, message: Uint8Array) => void;
	readonly #peers = new Map<PeerId, Map<SpaceId, Telling>>();
	#timer: { readonly at: number; cancel(): void } | undefined;

	constructor(
		clock: Clock,
		digests: Digests,
		say: (peer: PeerId, message: Uint8Array) => void,
	) {
		this.#clock = clock;
		this.#digests = digests;
		this.#say = say;
	}

	/** Tells a new peer one digest a space, the swarm's own first. */
	open(peer: PeerId): void {
		this.#peers.set(peer, new Map());
		const now = this.#clock.now();
		for (const space of this.#digests.spaces()) {
			const telling = this.#telling(peer, space);
			if (telling !== undefined) telling.dueAt = now;
		}
		this.#tellDue();
	}

	close(peer: PeerId): void {
		this.#peers.delete(peer);
	}

	/** Nothing more is to be said of a space. */
	forget(space: SpaceId): void {
		for (const spaces of this.#peers.values()) spaces.delete(space);
	}

	stop(): void {
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#peers.clear();
	}

	changed(space: SpaceId): void {
		const now = this.#clock.now();
		for (const peer of this.#peers.keys()) {
			const telling = this.#telling(peer, space);
			if (telling === undefined) continue;
			telling.dirtyAt ??= now;
			telling.tries = 0;
			telling.dueAt = Math.min(
				now + DIGEST_DELAY_MS,
				telling.dirtyAt + MAX_DELAY_MS,
			);
			this.#schedule(telling.dueAt);
		}
	}

	/** Begins again with all that is not settled. */
	retry(): void {
		const now = this.#clock.now();
		for (const spaces of this.#peers.values())
			for (const [space, telling] of spaces) {
				if (telling.told === this.#digests.digest(space)) continue;
				telling.tries = 0;
				telling.dueAt = Math.min(telling.dueAt, now + DIGEST_DELAY_MS);
				this.#schedule(telling.dueAt);
			}
	}

	/** Takes a digest in. Returns whether it differs from ours, so that HAVE is due. */
	heard(
		peer: PeerId,
		space: SpaceId,
		digest: string,
		isAnswer: boolean,
	): boolean {
		const telling = this.#telling(peer, space);
		if (telling === undefined) return false;
		const isRepeated = telling.told === digest;
		telling.told = digest;
		const ours = this.#digests.digest(space);
		if (digest !== ours) {
			if (telling.dueAt === Number.POSITIVE_INFINITY) {
				telling.tries = 0;
				telling.dueAt = this.#clock.now() + DIGEST_DELAY_MS;
				this.#schedule(telling.dueAt);
			}
			return true;
		}
		// The peer learns at once that we hold the same; who says it twice missed our word.
		if (!isAnswer && (telling.said !== ours || isRepeated))
			this.#tell(peer, [[space, telling]], true);
		telling.dueAt = Number.POSITIVE_INFINITY;
		return false;
	}

	equalPeers(space: SpaceId): readonly PeerId[] {
		const ours = this.#digests.digest(space);
		return [...this.#peers]
			.filter(([, spaces]) => spaces.get(space)?.told === ours)
			.map(([peer]) => peer);
	}

	#telling(peer: PeerId, space: SpaceId): Telling | undefined {
		const spaces = this.#peers.get(peer);
		const known = spaces?.get(space);
		if (known !== undefined || spaces === undefined) return known;
		const isOurs = this.#digests.digest(space) !== EMPTY_DIGEST;
		if (!isOurs && spaces.size >= MAX_SPACES) return undefined;
		const telling: Telling = {
			said: undefined,
			told: undefined,
			tries: 0,
			dueAt: Number.POSITIVE_INFINITY,
			dirtyAt: undefined,
		};
		spaces.set(space, telling);
		return telling;
	}

	#tellDue(): void {
		const now = this.#clock.now();
		for (const [peer, spaces] of this.#peers) {
			const due: [SpaceId, Telling][] = [];
			for (const [space, telling] of spaces) {
				if (telling.dueAt > now) continue;
				telling.dueAt = Number.POSITIVE_INFINITY;
				const ours = this.#digests.digest(space);
				if (telling.said !== ours || telling.told !== ours)
					due.push([space, telling]);
			}
			this.#tell(peer, due, false);
		}
		for (const spaces of this.#peers.values())
			for (const { dueAt } of spaces.values()) this.#schedule(dueAt);
	}

	#tell(
		peer: PeerId,
		due: readonly (readonly [SpaceId, Telling])[],
		isAnswer: boolean,
	): void {
		const now = this.#clock.now();
		const spaces = due.map(([space, telling]) => {
			const digest = this.#digests.digest(space);
			telling.said = digest;
			telling.dirtyAt = undefined;
			telling.tries++;
			telling.dueAt =
				telling.tries < DIGEST_TRIES && telling.told !== digest
					? now +
						Math.min(DIGEST_DELAY_MS * 2 ** telling.tries, DIGEST_RETRY_MAX_MS)
					: Number.POSITIVE_INFINITY;
			return { space, digest, state: this.#digests.state(space) ?? null };
		});
		for (let at = 0; at < spaces.length; at += MAX_DIGESTS)
			this.#say(
				peer,
				encodeSync({
					kind: "digest",
					isAnswer,
					spaces: spaces.slice(at, at + MAX_DIGESTS),
				}),
			);
	}

	/** An early timer does no harm: it finds nothing due and sets the next. */
	#schedule(at: number): void {
		if (at === Number.POSITIVE_INFINITY) return;
		if (this.#timer !== undefined && this.#timer.at <= at) return;
		this.#timer?.cancel();
		const delay = Math.max(0, at - this.#clock.now());
		const cancel = this.#clock.after(delay, () => {
			this.#timer = undefined;
			this.#tellDue();
		});
		this.#timer = { at, cancel };
	}
}
