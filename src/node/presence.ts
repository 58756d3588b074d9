/** Who is here and what they offer: names and contracts as facts in the swarm's space, liveness from the links. */
import { type AgentCard, isAgentCard } from "../agents/contract.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Fact, Replica } from "../replica/types.ts";
import { equalBytes } from "../wire/bytes.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { type DeviceId, type PeerId, SWARM_SPACE } from "../wire/ids.ts";
import type { AgentInfo, Member, Peer } from "./api.ts";
import { MAX_NAME } from "./names.ts";
import type { Session } from "./session.ts";

const NAME_KEY = "device-name";
const CARD_PREFIX = "card/";

export interface PresenceDeps {
	readonly session: Session;
	readonly replica: Replica;
	readonly mesh: Mesh;
	readonly cards: readonly AgentCard[];
	readonly deviceName: string;
}

/** A name and how often it was changed: a device's pages write in corners of their own. */
interface NameFact {
	readonly name: string;
	readonly c: number;
}

export class Presence {
	readonly #deps: PresenceDeps;
	#name: string;

	constructor(deps: PresenceDeps) {
		this.#deps = deps;
		this.#name = deps.deviceName;
	}

	/** Writes what has changed since this session last said it: its name and its agents' contracts. */
	async announce(): Promise<void> {
		const { replica, session, cards } = this.#deps;
		const own = new Map(
			replica
				.facts(SWARM_SPACE)
				.filter(({ peer }) => peer === session.peer)
				.map(({ key, value }) => [key, value]),
		);
		const news: Record<string, unknown> = {};
		for (const card of cards) {
			const key = CARD_PREFIX + card.name;
			if (!isSame(own.get(key), card)) news[key] = card;
		}
		if (this.#nameFacts(session.device).length === 0)
			news[NAME_KEY] = { name: this.#freeName(), c: 1 } satisfies NameFact;
		if (Object.keys(news).length > 0) await replica.put(SWARM_SPACE, news);
	}

	async rename(name: string): Promise<void> {
		const { replica, session } = this.#deps;
		this.#name = name;
		const counts = this.#nameFacts(session.device).map(({ c }) => c);
		const fact: NameFact = { name, c: Math.max(0, ...counts) + 1 };
		await replica.put(SWARM_SPACE, { [NAME_KEY]: fact });
	}

	nameOf(device: DeviceId): string {
		const facts = this.#nameFacts(device);
		const last = facts.reduce<NameFact | undefined>(
			(best, fact) => (best === undefined || fact.c > best.c ? fact : best),
			undefined,
		);
		if (last !== undefined) return last.name;
		return device === this.#deps.session.device ? this.#name : "New device";
	}

	peers(): Peer[] {
		return this.#deps.mesh
			.peers()
			.map(({ peer, device, via, rttMs }) => ({
				peer,
				device,
				name: this.nameOf(device),
				via,
				rttMs,
				state: "awake" as const,
			}))
			.sort((a, b) => (a.peer < b.peer ? -1 : 1));
	}

	members(): Member[] {
		const { replica, session } = this.#deps;
		const awake = this.#awake();
		return replica.members().map(({ device, role }) => ({
			device,
			role,
			name: this.nameOf(device),
			peers: awake
				.filter((page) => page.device === device)
				.map(({ peer }) => peer)
				.sort((a) => (a === session.peer ? -1 : 1)),
		}));
	}

	/** Every agent of the pages that are awake. */
	agents(): AgentInfo[] {
		const byPeer = new Map<PeerId, Fact[]>();
		for (const fact of this.#deps.replica.facts(SWARM_SPACE))
			if (fact.key.startsWith(CARD_PREFIX)) {
				const facts = byPeer.get(fact.peer) ?? [];
				facts.push(fact);
				byPeer.set(fact.peer, facts);
			}
		return this.#awake().flatMap(({ peer, device }) =>
			(byPeer.get(peer) ?? []).flatMap(({ key, value: card }) =>
				isAgentCard(card) && key === CARD_PREFIX + card.name
					? [{ agent: `${peer}/${card.name}`, peer, device, card }]
					: [],
			),
		);
	}

	/** The device's name, numbered where another device of the swarm has it already. */
	#freeName(): string {
		const { replica, session } = this.#deps;
		const taken = new Set(
			replica
				.members()
				.filter(({ device }) => device !== session.device)
				.map(({ device }) => this.nameOf(device)),
		);
		let name = this.#name;
		for (let n = 2; taken.has(name); n++)
			name = `${this.#name.slice(0, MAX_NAME - 4)} ${n}`;
		return name;
	}

	#awake(): { peer: PeerId; device: DeviceId }[] {
		const { mesh, session } = this.#deps;
		return [{ peer: session.peer, device: session.device }, ...mesh.peers()];
	}

	#nameFacts(device: DeviceId): NameFact[] {
		return this.#deps.replica
			.factsAt(SWARM_SPACE, NAME_KEY)
			.filter((fact) => fact.device === device)
			.flatMap(({ value }) => (isNameFact(value) ? [value] : []));
	}
}

function isNameFact(value: unknown): value is NameFact {
	if (typeof value !== "object" || value === null) return false;
	const { name, c } = value as Partial<NameFact>;
	return (
		typeof name === "string" &&
		name.length <= MAX_NAME &&
		Number.isSafeInteger(c)
	);
}

const isSame = (a: unknown, b: unknown): boolean =>
	a !== undefined && equalBytes(encodeCbor(a), encodeCbor(b));
