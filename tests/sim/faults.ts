/** What goes wrong in a run, and what goes on meanwhile. */
import { BANISHING } from "./banishing.ts";
import { isLead } from "./exile.ts";
import type { Fault } from "./fault.ts";
import { stress } from "./guards.ts";
import { LIES } from "./lies.ts";
import { checkSentAfterStored } from "./promises.ts";
import { type Run, SPACE_ID } from "./run.ts";
import type { SimPage } from "./world/swarm.ts";

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;
/** Fewer devices are no swarm. */
const LEAST_DEVICES = 3;
const MOST_DEVICES = 6;
const MOST_PAGES = 8;
/** How many changes a lost tail and an older copy of a disk may take back. */
const TAIL = 3;
const OLD = 40;

const lies = Object.entries(LIES).map(
	([name, lie]): Fault => ({
		name: `lie: ${name}`,
		weight: name === "flood" ? 0.5 : 1.5,
		strike: (run, page, other) => lie(run.liar(page, other)),
	}),
);

export const FAULTS: readonly Fault[] = [
	{ name: "write", weight: 30, strike: (run, page) => run.write(page) },
	{ name: "compact", weight: 3, strike: compact },
	{ name: "cable cut", weight: 4, strike: cut },
	{ name: "cable cut one way", weight: 4, strike: cutOneWay },
	{ name: "network in two", weight: 5, strike: part },
	{ name: "cables mended", weight: 3, strike: mend },
	{ name: "link mute", weight: 4, strike: mute },
	{ name: "weather", weight: 5, strike: weather },
	{ name: "relay dies or comes back", weight: 8, strike: toggleRelay },
	{ name: "page killed", weight: 6, strike: kill },
	{ name: "tail lost", weight: 4, strike: loseTail },
	{ name: "older disk", weight: 3, strike: restoreOld },
	{ name: "torn disk", weight: 4, strike: tear },
	{ name: "page closed and opened", weight: 5, strike: closeAndOpen },
	{ name: "second tab", weight: 4, strike: openTab },
	{ name: "disk full", weight: 7, strike: fill },
	{ name: "asleep", weight: 5, strike: sleep },
	{ name: "frozen and taken over", weight: 6, strike: freeze },
	{ name: "clock set", weight: 3, strike: setClock },
	{ name: "device joins", weight: 6, strike: join },
	{ name: "device leaves", weight: 4, strike: leave },
	...BANISHING,
	...lies,
];

/** Draws the next one. */
export function drawFault(run: Run): Fault | undefined {
	const weights = FAULTS.filter(({ can }) => can?.(run) ?? true).map(
		(fault) => ({
			fault,
			weight: fault.weight * stress(run.without, fault.name),
		}),
	);
	const total = weights.reduce((sum, { weight }) => sum + weight, 0);
	let drawn = run.world.random.fraction() * total;
	return weights.find(({ weight }) => {
		drawn -= weight;
		return drawn < 0;
	})?.fault;
}

function compact(run: Run, { node }: SimPage): void {
	node.swarm.replica
		.compact(SPACE_ID)
		.catch((error: unknown) => run.note(`not compacted: ${String(error)}`));
}

function cut({ world }: Run, a: SimPage, b: SimPage): void {
	if (a !== b) world.network.cut(a.host, b.host);
}

function cutOneWay({ world }: Run, a: SimPage, b: SimPage): void {
	if (a !== b) world.network.cutOneWay(a.host, b.host);
}

/** No cable between two parts of the pages. */
function part({ world, pages, outcasts }: Run): void {
	const { random, network } = world;
	const sides = [...pages, ...outcasts].map(({ host }) => ({
		host,
		isLeft: random.fraction() < 0.5,
	}));
	for (const one of sides)
		for (const other of sides)
			if (one.isLeft && !other.isLeft) network.cut(one.host, other.host);
}

function mend({ world }: Run): void {
	world.network.healAll();
}

function mute({ world }: Run, a: SimPage, b: SimPage): void {
	if (a !== b) world.network.mute(a.host, b.host);
}

/** Another network: near or far, clean or lossy. */
function weather({ world }: Run): void {
	const { random, network } = world;
	const least = 1 + random.fraction() ** 3 * 200;
	Object.assign(network.faults, {
		relayLoss: random.fraction() * 0.3,
		relayRepeats: random.fraction() * 0.3,
		linkLoss: random.fraction() < 0.5 ? 0 : random.fraction() * 0.3,
		delay: [least, least * (1 + random.fraction() * 4)],
	});
}

function toggleRelay({ world }: Run): void {
	world.network.relay.set(world.random.fraction() < 0.5);
}

/** A process dies in the middle of writing. */
async function die(run: Run, page: SimPage): Promise<void> {
	const { clock, random } = run.world;
	run.write(page);
	await clock.run(random.fraction() * 120);
	page.kill();
	run.forget(page);
	await clock.run(200);
	checkSentAfterStored(run, page);
}

async function kill(run: Run, page: SimPage): Promise<void> {
	await die(run, page);
	await run.open(page.profile);
	run.recount();
}

/** With the last changes gone, too, as where storage promised what it did not keep. */
function loseTail(run: Run, page: SimPage): Promise<void> {
	return goBack(run, page, 1 + Math.floor(run.world.random.fraction() * TAIL));
}

/** An older copy of the profile was restored. */
function restoreOld(run: Run, page: SimPage): Promise<void> {
	return goBack(run, page, 1 + Math.floor(run.world.random.fraction() * OLD));
}

async function goBack(run: Run, page: SimPage, changes: number): Promise<void> {
	if (isDelicate(run, page)) return;
	const sessions = sessionsOn(page);
	await die(run, page);
	if (page.profile.disk.goBack(changes))
		for (const session of sessions) run.forgetful.add(session);
	await run.open(page.profile);
	run.recount();
}

/** All sessions this device ever wrote as, as far as its disk tells. */
function sessionsOn({ profile }: SimPage): string[] {
	return [...profile.identity.nonces.keys()];
}

/** Some of what was stored cannot be read any more. */
async function tear(run: Run, page: SimPage): Promise<void> {
	if (isDelicate(run, page)) return;
	const { random } = run.world;
	await die(run, page);
	for (let n = random.fraction() * 3; n > 0; n--)
		page.profile.disk.damage(random);
	await run.open(page.profile);
	run.recount();
}

/**
 * Whether a disk must stay as it is: a frozen page of the same profile has its slot still to lose, another page of it is
 * open, it removed somebody,
 * or a device is on its way in. A device that forgets whom it let in, and goes on before it is told, takes them out again (S5).
 */
function isDelicate(run: Run, page: SimPage): boolean {
	const { frozen, joiners, leads } = run;
	const { profile } = page;
	return (
		frozen?.profile === profile ||
		leads.has(profile) ||
		run.tabsOf(page).length > 1 ||
		joiners.some(
			(joiner) =>
				!joiner.isIn && [joiner.profile, joiner.issuer].includes(profile),
		)
	);
}

async function closeAndOpen(run: Run, page: SimPage): Promise<void> {
	const { world } = run;
	await world.settle(page.node.close());
	page.kill();
	run.forget(page);
	await world.clock.run(world.random.fraction() * 3_000);
	await run.open(page.profile);
	run.recount();
}

/** Another page of the same device. */
async function openTab(run: Run, page: SimPage): Promise<void> {
	const isFree = !isDelicate(run, page) && run.pages.length < MOST_PAGES;
	if (isFree) await run.open(page.profile);
}

/** A disk is full for a while: what is written meanwhile waits (S9). */
function fill(run: Run, page: SimPage): void {
	const { disk } = page.profile;
	disk.isFull = true;
	run.write(page);
	run.world.clock.after(run.world.random.fraction() * 8_000, () => {
		disk.isFull = false;
	});
}

/** A lid is closed for a while: timers and sockets stop, and the clock goes on. */
function sleep(run: Run, page: SimPage): void {
	if (run.asleep !== undefined) return;
	run.asleep = page;
	page.sleep();
	run.world.clock.after(run.world.random.fraction() * 20_000, () => {
		if (run.asleep === page) wake(run);
	});
}

export function wake(run: Run): void {
	const page = run.asleep;
	run.asleep = undefined;
	page?.wake();
	// The page hears of it where the browser says so.
	if (run.world.random.fraction() < 0.5) page?.node.wake();
}

/** Another tab of the same profile takes the slot over. */
export async function freeze(run: Run, page: SimPage): Promise<void> {
	if (run.frozen !== undefined) return;
	run.frozen = page;
	page.freeze();
	await run.reopen(page);
}

function setClock({ world }: Run, { clock }: SimPage): void {
	clock.skewMs = (world.random.fraction() * 2 - 1) * TEN_YEARS_MS;
}

/** A page lets a new device in, by an invite for one. */
async function join(run: Run, page: SimPage): Promise<void> {
	if (run.size >= MOST_DEVICES) return;
	const drawn = run.world.random.fraction();
	const role = drawn < 0.6 ? "member" : drawn < 0.85 ? "admin" : "owner";
	await run.letIn(await run.newcomer(), page, isLead(page) ? role : "member");
}

/** A device leaves for good: it takes itself out, or closes, or is gone; its copies are gone. */
async function leave(run: Run, page: SimPage): Promise<void> {
	const isNeeded =
		run.leads.has(page.profile) ||
		run.joiners.some(({ issuer }) => issuer === page.profile);
	if (isNeeded || isDelicate(run, page)) return;
	if (run.size <= LEAST_DEVICES || run.awake().length <= LEAST_DEVICES) return;
	const how = run.world.random.fraction();
	if (how < 0.3) await takeLeave(run, page);
	else if (how < 0.6) await run.world.settle(page.node.close());
	for (const tab of run.tabsOf(page)) {
		tab.kill();
		run.forget(tab);
		if (run.asleep === tab) run.asleep = undefined;
	}
	run.recount();
}

/** Its own removal says how far it wrote; who hears of it holds it to that (M1). */
async function takeLeave(run: Run, page: SimPage): Promise<void> {
	const { device } = page.node.me();
	const isDone = run.exile.watch(page, device);
	const left = run.world.settle(page.node.leave(), 10_000);
	await left.catch((error: unknown) => run.note(`not left: ${String(error)}`));
	run.note(`${page.host} left`);
	isDone();
	run.release(device);
}
