/** Messages that just came, as pulses on the lines of the picture. */
import { useEffect, useState } from "preact/hooks";
import { useModel } from "../context.ts";

export interface Pulse {
	readonly id: number;
	/** The peer it came from. */
	readonly from: string;
}

/** More at once would be noise, and work for the browser. */
const MAX_PULSES = 24;

/** Follows the swarm's events. No pulses where somebody prefers less motion. */
export function usePulses(): {
	readonly list: readonly Pulse[];
	done(id: number): void;
} {
	const model = useModel();
	const [list, setList] = useState<readonly Pulse[]>([]);
	useEffect(() => {
		if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
		let next = 0;
		return model.shoal.subscribe("**", (event) => {
			if (document.hidden) return;
			const pulse = { id: next++, from: event.from };
			setList((now) => (now.length < MAX_PULSES ? [...now, pulse] : now));
		});
	}, [model]);
	return {
		list,
		done: (id) => setList((now) => now.filter((pulse) => pulse.id !== id)),
	};
}
