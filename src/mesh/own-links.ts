/** Which direct links to pages of other devices this page makes and keeps, by what it is in its profile (L7). */
import { STANDBY_TRY_MS } from "../wire/constants.ts";
import type { PeerId } from "../wire/ids.ts";
import type { Byways } from "./byways.ts";
import type { Link } from "./link.ts";
import type { Links } from "./links.ts";
import type { Meetings } from "./meetings.ts";
import { Uplink, type UplinkDeps, type OwnLinks as Wanted } from "./uplink.ts";

export interface OwnLinksDeps
	extends Omit<UplinkDeps, "answers" | "onChange" | "onLook"> {
	readonly links: Links;
	readonly meetings: Meetings;
	readonly byways: { do(task: (byways: Byways) => void): void };
}

export class OwnLinks {
	readonly #deps: OwnLinksDeps;
	readonly #uplink: Uplink;
	/** Whom a standby keeps its one link with. */
	#one: PeerId | undefined;
	#triedAt = Number.NEGATIVE_INFINITY;
	#tries = 0;
	#saidUplink = false;
	#wanted: Wanted = "none";

	constructor(deps: OwnLinksDeps) {
		this.#deps = deps;
		this.#uplink = new Uplink({
			...deps,
			answers: (sibling) => deps.links.near(sibling)?.isSuspect === false,
			onChange: () => this.#changed(),
			onLook: () => this.#tend(),
		});
	}

	/** Whether others should hear of this page where the swarm meets: who is heard there is dialled. */
	get areOpen(): boolean {
		return this.#uplink.wants === "all";
	}

	/** Whether a link of its own to that page is wanted. */
	wants(peer: PeerId): boolean {
		return this.areOpen || (this.#uplink.wants === "one" && this.#one === peer);
	}

	/** A sibling is linked over the tab channel. */
	siblingUp(sibling: PeerId): void {
		this.#tell(sibling);
	}

	siblingDown(sibling: PeerId): void {
		this.#uplink.down(sibling);
	}

	told(sibling: PeerId, isUplink: boolean): void {
		if (this.#deps.links.near(sibling)?.via === "tab")
			this.#uplink.told(sibling, isUplink);
	}

	look(): void {
		this.#uplink.look();
	}

	stop(): void {
		this.#uplink.stop();
	}

	#tell(sibling: PeerId): void {
		const { isUplink } = this.#uplink;
		this.#deps.byways.do((byways) => byways.tellRole(sibling, isUplink));
	}

	#changed(): void {
		const { links, meetings } = this.#deps;
		const { isUplink, wants } = this.#uplink;
		if (this.#saidUplink !== isUplink) {
			this.#saidUplink = isUplink;
			for (const { via, terms } of links.all)
				if (via === "tab") this.#tell(terms.other);
		}
		if (this.#wanted === wants) return;
		this.#wanted = wants;
		if (this.areOpen) meetings.wake();
	}

	#tend(): void {
		if (this.areOpen) return;
		const direct = this.#deps.links.all.filter(({ via }) => via === "rtc");
		if (this.#uplink.wants === "one") this.#keepOne(direct);
		for (const link of direct) {
			const { other } = link.terms;
			if (!this.wants(other))
				this.#deps.byways.do((byways) => {
					if (byways.reaches(other)) link.rest();
				});
		}
	}

	#keepOne(direct: readonly Link[]): void {
		const [first] = direct;
		if (direct.some(({ terms }) => terms.other === this.#one)) return;
		if (first !== undefined) {
			this.#one = first.terms.other;
			return;
		}
		const { clock, meetings } = this.#deps;
		if (clock.now() - this.#triedAt < STANDBY_TRY_MS) return;
		const { heard } = meetings;
		// The next one each time: some were heard once and are gone.
		this.#one = heard[this.#tries++ % heard.length];
		if (this.#one === undefined) return;
		this.#triedAt = clock.now();
		meetings.reach(this.#one);
	}
}
