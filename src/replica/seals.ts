/** The seals that were read, and which spaces they close (S7). */
import type { MembershipView } from "../identity/membership.ts";
import type { DeviceId, SpaceId } from "../wire/ids.ts";
import type { Entry } from "./entry.ts";
import { decodeSeal } from "./seal.ts";

interface Seal {
	readonly author: DeviceId;
	readonly space: SpaceId;
	/** Of the entry. */
	readonly hash: Uint8Array;
}

const NONE: ReadonlySet<SpaceId> = new Set();

export class Seals {
	#seals: Seal[] = [];
	#sealed: ReadonlySet<SpaceId> = NONE;
	/** The membership that `#sealed` was found by. */
	#seen: MembershipView | undefined;

	add({ body, hash }: Entry, author: DeviceId): void {
		this.#seals.push({ author, space: decodeSeal(body), hash });
		this.#seen = undefined;
	}

	/** Forgets seals whose entries count no more. */
	keep(stays: (seal: { readonly hash: Uint8Array }) => boolean): void {
		this.#seals = this.#seals.filter(stays);
		this.#seen = undefined;
	}

	/** Spaces closed by an owner or an admin of the swarm. */
	sealed(membership: () => MembershipView): ReadonlySet<SpaceId> {
		if (this.#seals.length === 0) return NONE;
		const view = membership();
		if (view === this.#seen) return this.#sealed;
		this.#seen = view;
		this.#sealed = new Set(
			this.#seals.flatMap(({ author, space }) => {
				const role = view.members.get(author)?.role;
				return role === "owner" || role === "admin" ? [space] : [];
			}),
		);
		return this.#sealed;
	}
}
