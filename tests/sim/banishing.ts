/** Faults of membership (M1, M3): devices are removed, go on writing, lie about it, and come back. */
import { toHex } from "../../src/wire/bytes.ts";
import { SWARM_SPACE } from "../../src/wire/ids.ts";
import { isLead } from "./exile.ts";
import type { Fault } from "./fault.ts";
import { LATE_LIES } from "./lies-late.ts";
import type { Run } from "./run.ts";
import type { SimPage } from "./world/swarm.ts";

/** Fewer devices are no swarm. */
const LEAST_DEVICES = 3;

const lies = Object.entries(LATE_LIES).map(
	([name, lie]): Fault => ({
		name: `lie: ${name}`,
		weight: 5,
		// Where it may turn out that it was never removed, it would be no lie.
		can: (run) => isAnyOut(run) && !run.isContested,
		strike: async (run, page) => {
			const goes = run.pick(run.outcasts.filter(run.isInside));
			if (goes === undefined) return;
			run.perjured.add(goes.node.me().device);
			run.forgetful.add(goes.node.me().peer);
			await lie(run.liar(page, goes));
		},
	}),
);

export const BANISHING: readonly Fault[] = [
	{ name: "device removed", weight: 9, strike: remove },
	{
		name: "removed device writes",
		weight: 10,
		can: isAnyOut,
		strike: writeOn,
	},
	{
		name: "removed device returns",
		weight: 10,
		can: isAnyOut,
		strike: comeBack,
	},
	...lies,
];

function isAnyOut(run: Run): boolean {
	return run.outcasts.some(run.isInside);
}

/** An owner or an admin removes another device, which may be anywhere, and asleep. */
async function remove(run: Run, page: SimPage): Promise<void> {
	const by = isLead(page) ? page : run.awake().find(isLead);
	const goes = run.pick(run.pages);
	if (by === undefined || goes === undefined) return;
	if (run.size <= LEAST_DEVICES || !mayRemove(run, by, goes)) return;
	const { device } = goes.node.me();
	const isDone = run.exile.watch(by, device);
	const { replica, departures } = by.node.swarm;
	try {
		await run.world.settle(departures.remove(device), 10_000);
	} catch (error) {
		run.note(`not removed: ${String(error)}`);
		if (replica.membership().removalsOf(device).length === 0) return;
	}
	run.note(`${by.host} removed ${goes.host}`);
	isDone();
	run.banish(goes);
	run.leads.add(by.profile);
	by.profile.disk.keep();
}

function mayRemove(run: Run, by: SimPage, goes: SimPage): boolean {
	const isBusy = run.joiners.some(
		({ isIn, profile, issuer }) =>
			!isIn &&
			[by.profile, goes.profile].some(
				(one) => one === profile || one === issuer,
			),
	);
	const isLost = run.forgetful.has(by.node.me().peer) || by.profile.disk.isFull;
	if (by.profile === goes.profile || isBusy || isLost) return false;
	if (run.frozen?.profile === goes.profile) return false;
	if (!run.isInside(goes)) return false;
	return (
		run.isContested ||
		(!run.isFounder(goes) &&
			run.tabsOf(goes).every((tab) => isKnownTo(by, tab)))
	);
}

/** Whether a page knows all that another did in the swarm's space: then nothing it did is undone. */
function isKnownTo(by: SimPage, goes: SimPage): boolean {
	const { device } = goes.node.me();
	const [known, done] = [by, goes].map(({ node }) =>
		node.swarm.replica
			.heads(device)
			.filter(({ space }) => space === SWARM_SPACE)
			.map(({ session, next }) => `${toHex(session)} ${next}`)
			.sort()
			.join(),
	);
	return known === done;
}

/** It has not heard of it, or does not care. */
function writeOn(run: Run): void {
	const page = run.pick(run.outcasts.filter(run.isInside));
	if (page === undefined || page === run.asleep) return;
	run.writeUnowed(page);
	if (!run.isContested || !isLead(page)) return;
	// It may remove others in turn, as long as it does not know.
	const goes = run.pick(run.awake());
	if (goes === undefined || !mayRemove(run, page, goes)) return;
	const { device } = goes.node.me();
	const isDone = run.exile.watch(page, device);
	page.node.swarm.departures.remove(device).then(
		() => {
			run.note(`${page.host} removed ${goes.host} in turn`);
			isDone();
		},
		(error: unknown) => run.note(`not removed in turn: ${String(error)}`),
	);
}

/** An owner or an admin lets it in again. */
async function comeBack(run: Run, by: SimPage): Promise<void> {
	const page = run.pick(run.outcasts.filter(run.isInside));
	if (page === undefined || page === run.asleep || !isLead(by)) return;
	const { device } = page.node.me();
	const isKnown =
		by.node.swarm.replica.membership().removalsOf(device).length > 0 &&
		page.node.swarm.departures.removedBy !== undefined;
	if (!isKnown || run.isContested || run.perjured.has(device)) return;
	await run.letIn(page, by);
}
