/** The broadcast channels of browser profiles. */
import type { TabChannel, TabMessage } from "../../../src/mesh/ports.ts";
import type { Clock } from "../../../src/wire/clock.ts";

interface Tab {
	readonly host: string;
	listener: ((message: TabMessage) => void) | undefined;
}

export class TabChannels {
	readonly #clock: Clock;
	/** By profile and name. */
	readonly #channels = new Map<string, Set<Tab>>();

	readonly #arrive: (host: string, task: () => void) => void;

	/** @param arrive does at a host what arrives there, once it is awake */
	constructor(clock: Clock, arrive: (host: string, task: () => void) => void) {
		this.#clock = clock;
		this.#arrive = arrive;
	}

	open(profile: string, host: string, name: string): TabChannel {
		const key = `${profile} ${name}`;
		const all = this.#channels.get(key) ?? new Set<Tab>();
		this.#channels.set(key, all);
		const tab: Tab = { host, listener: undefined };
		all.add(tab);
		return {
			post: (message) => {
				for (const other of all)
					if (other !== tab)
						this.#clock.after(0.2, () =>
							this.#arrive(other.host, () => {
								if (all.has(other)) other.listener?.(message);
							}),
						);
			},
			listen(listener) {
				tab.listener = listener;
			},
			close: () => all.delete(tab),
		};
	}

	dropAll(host: string): void {
		for (const tabs of this.#channels.values())
			for (const tab of [...tabs]) if (tab.host === host) tabs.delete(tab);
	}
}
