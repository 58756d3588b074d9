/** Devices that were removed: which of what they wrote was seen by who removed them, and may be shown for ever (M1). */
import type { Role } from "../../src/identity/acts.ts";
import { isAtLeast } from "../../src/identity/roles.ts";
import { toHex } from "../../src/wire/bytes.ts";
import type { DeviceId } from "../../src/wire/ids.ts";
import type { SimPage } from "./world/swarm.ts";

interface Removed {
	/** Session and key of each fact of the device that the remover held. */
	readonly facts: ReadonlySet<string>;
	readonly sessions: ReadonlySet<string>;
}

export class Exile {
	readonly #space: string;
	readonly #records = new Map<DeviceId, Removed[]>();
	/** Who is out, as far as one may expect it. */
	readonly #out = new Set<DeviceId>();

	/** @param space as replicas name it */
	constructor(space: string) {
		this.#space = space;
	}

	/** To be called right before `by` removes the device. @returns to be called when it did */
	watch(by: SimPage, device: DeviceId): () => void {
		const { replica } = by.node.swarm;
		const facts = new Set(factsOf(by, this.#space, device));
		const sessions = new Set(
			replica.heads(device).map(({ session }) => toHex(session)),
		);
		return () => {
			const before = this.#records.get(device) ?? [];
			this.#records.set(device, [...before, { facts, sessions }]);
			this.#out.add(device);
		};
	}

	/** It is let in again. */
	pardon(device: DeviceId): void {
		this.#out.delete(device);
	}

	isOut(device: DeviceId): boolean {
		return this.#out.has(device);
	}

	/** All that were ever removed. */
	devices(): DeviceId[] {
		return [...this.#records.keys()];
	}

	/** Whether a fact of a device may be shown by who knows of all its removals. */
	mayShow(device: DeviceId, fact: string, isMember: boolean): boolean {
		const records = this.#records.get(device);
		if (records === undefined) return true;
		const [session = ""] = fact.split(" ");
		// A removal says nothing of sessions that it has not seen: they count again when the device does.
		const isNew = records.every(({ sessions }) => !sessions.has(session));
		return (isNew && isMember) || records.some(({ facts }) => facts.has(fact));
	}

	/** A fact that a page shows of a device whose removal it knows, and that is past the cut; if any. */
	shownPastCut(page: SimPage): string | undefined {
		const view = page.node.swarm.replica.membership();
		for (const device of this.#records.keys()) {
			if (view.removalsOf(device).length === 0) continue;
			const isMember = view.isMember(device);
			for (const fact of factsOf(page, this.#space, device))
				if (!this.mayShow(device, fact, isMember)) return fact;
		}
		return undefined;
	}
}

function factsOf(page: SimPage, space: string, device: DeviceId): string[] {
	return page.node.swarm.replica
		.facts(space)
		.filter((fact) => fact.device === device)
		.map(({ peer, key }) => `${peer} ${key}`);
}

/** What a page may do, by its own view. */
export function roleOf({ node }: SimPage): Role | undefined {
	return node.swarm.replica.membership().members.get(node.me().device)?.role;
}

export const isLead = (page: SimPage): boolean =>
	isAtLeast(roleOf(page), "admin");

/** What a page knows of who belongs to the swarm and where it meets; equal on all who agree. */
export function agreementOf({ node }: SimPage): string {
	const { replica, row } = node.swarm;
	const { members, needsEpoch } = replica.membership();
	const roles = [...members.values()].map(
		({ device, role }) => `${device} ${role}`,
	);
	return `${row.epoch} ${row.secret} ${needsEpoch} ${roles.sort().join()}`;
}
