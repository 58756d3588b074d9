/** Something that goes wrong in a run, or that somebody does. */
import type { Run } from "./run.ts";
import type { SimPage } from "./world/swarm.ts";

export interface Fault {
	readonly name: string;
	/** How often, beside the others. */
	readonly weight: number;
	/** Whether it can happen now; always, where it is left out. */
	can?(run: Run): boolean;
	/** @param page awake and in the swarm @param other another one, or the same */
	strike(run: Run, page: SimPage, other: SimPage): void | Promise<void>;
}
