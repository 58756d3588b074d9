/** What the rules promise of who belongs to a swarm, once it is healed (M1-M3). */
import type { Member } from "../../src/identity/membership.ts";
import { isAtLeast } from "../../src/identity/roles.ts";
import { agreementOf, isLead, roleOf } from "./exile.ts";
import type { Run } from "./run.ts";
import type { SimPage } from "./world/swarm.ts";

/** After healing all agree within this time; those who are let in anew have as long again. */
const LIVENESS_MS = 60_000;
/** So long a device waits before somebody makes it another invite. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 200;

/**
 * Waits until all agree on who belongs to the swarm and where it meets, and the others know that they do not. From here
 * on the run's pages are those who do.
 */
export async function checkMembership(run: Run): Promise<void> {
	const { clock } = run.world;
	const isAllIn = (): boolean =>
		run.pages.every((page) => isIn(run, page)) && isAgreed(run);
	if (!(await clock.until(isAllIn, PATIENCE_MS, LOOK_MS)))
		await inviteAgain(run);
	if (!(await clock.until(() => isAgreed(run), LIVENESS_MS, LOOK_MS)))
		run.blame("they do not agree on who is a member");
	const all = [...run.pages, ...run.outcasts];
	for (const page of all)
		if (
			!run.isContested &&
			isIn(run, page) === run.exile.isOut(page.node.me().device)
		)
			run.blame(
				isIn(run, page)
					? "a removed device is a member"
					: "a device never got in",
			);
	run.pages = all.filter((page) => isIn(run, page));
	run.outcasts = all.filter((page) => !isIn(run, page));
	const [first] = run.pages;
	if (first === undefined) run.blame("nobody is a member");
}

/** An invite closes with its epoch (M2): who was on the way gets another one. */
async function inviteAgain(run: Run): Promise<void> {
	const { clock } = run.world;
	const waiting = run.pages.filter((page) => !isIn(run, page));
	const inside = run.pages.filter((page) => isIn(run, page));
	const by = inside.find(isLead) ?? inside[0];
	if (by === undefined) return;
	for (const page of waiting) {
		run.note(`${page.host} gets another invite`);
		await run.letIn(page, by);
	}
	await clock.until(
		() => run.pages.every((page) => isIn(run, page)),
		LIVENESS_MS,
		LOOK_MS,
	);
}

const isLeading = ({ role }: Member): boolean => isAtLeast(role, "admin");

/** Whether a page holds itself for a member. */
const isIn = (run: Run, page: SimPage): boolean =>
	run.isInside(page) &&
	roleOf(page) !== undefined &&
	page.node.swarm.departures.removedBy === undefined;

/** Whether those inside agree in all, and the others know what became of them, where somebody can tell them. */
function isAgreed(run: Run): boolean {
	const all = [...run.pages, ...run.outcasts];
	const inside = all.filter((page) => isIn(run, page));
	const [first] = inside;
	if (first === undefined) return false;
	const { members, needsEpoch } = first.node.swarm.replica.membership();
	const canTell = inside.some(isLead);
	// Where all that might begin one are away for good, it stays due (M3).
	if (needsEpoch && (canTell || ![...members.values()].some(isLeading)))
		return false;
	if (inside.some((page) => agreementOf(page) !== agreementOf(first)))
		return false;
	if (inside.some(({ node }) => !members.has(node.me().device))) return false;
	return all
		.filter((page) => !inside.includes(page) && run.isInside(page))
		.every(({ node }) => {
			const { replica, departures } = node.swarm;
			// Whose disk lost the swarm's log does not know whom to believe.
			const canHear = replica.members().length > 0;
			const isTold =
				!(canTell && canHear) || departures.removedBy !== undefined;
			return isTold && !members.has(node.me().device);
		});
}
