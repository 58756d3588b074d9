/** The seals that were read, and which spaces they close (S7). */
import type { MembershipView } from "../identity/membership.ts";
import type { DeviceId, PeerId, SpaceId } from "../wire/ids.ts";
import type { Entry } from "./entry.ts";
import { decodeSeal } from "./seal.ts";

interface Seal {
	readonly author: DeviceId;
	readonly space: SpaceId;
	/** Where it stands in the swarm's space: the session's log, and the place in it. */
	readonly session: PeerId;
	readonly seq: number;
	/** Of the entry. */
	readonly hash: Uint8Array;
}

const NONE: ReadonlySet<SpaceId> = new Set();

export class Seals {
	#seals: Seal[] = [];
	#sealed: ReadonlySet<SpaceId> = NONE;
	/** The membership that `#sealed` was found by. */
	#seen: MembershipView | undefined;

	add({ body, session, seq, hash }: Entry, author: DeviceId): void {
		const space = decodeSeal(body);
		this.#seals.push({ author, space, session, seq, hash });
		this.#seen = undefined;
	}

	/** Forgets seals whose entries count no more. */
	keep(stays: (seal: { readonly hash: Uint8Array }) => boolean): void {
		this.#seals = this.#seals.filter(stays);
		this.#seen = undefined;
	}

	/** Spaces closed by who was an owner or an admin of the swarm then. */
	sealed(membership: () => MembershipView): ReadonlySet<SpaceId> {
		if (this.#seals.length === 0) return NONE;
		const view = membership();
		if (view === this.#seen) return this.#sealed;
		this.#seen = view;
		this.#sealed = new Set(
			this.#seals.flatMap((seal) => {
				const role = view.roleAt(seal);
				return role === "owner" || role === "admin" ? [seal.space] : [];
			}),
		);
		return this.#sealed;
	}
}
