/** What the rules promise, as checks. Those of the first part hold at any time, those of the second after healing. */
import { decodeEntry } from "../../src/replica/entry.ts";
import { PROOF_SEQ } from "../../src/replica/store.ts";
import { SWARM_SPACE } from "../../src/wire/ids.ts";
import { breaches } from "./bounds.ts";
import { believed } from "./lies.ts";
import { checkMembership } from "./promises-membership.ts";
import { isHonest, type Run, SPACE, SPACE_ID } from "./run.ts";
import { isLinked, type Profile, type SimPage } from "./world/swarm.ts";

/** After healing everything must be the same everywhere within this time. */
const LIVENESS_MS = 60_000;
const LOOK_MS = 200;
/** The method that the last check calls. */
const DEED = "sim.deed";

/** Looks at every page that is awake, as things stand. */
export function checkAlways(run: Run): void {
	const awake = run.awake();
	const states = new Map<string, string>();
	for (const page of awake) {
		const { node, host } = page;
		run.sessions.add(node.me().peer);
		const lie = believed(page, SPACE_ID, isHonest);
		if (lie !== undefined) run.blame(`${host} believes ${lie}`);
		// Who is removed itself keeps what it has, also while it waits at the door (M1.4).
		const isOut = node.swarm.departures.removedBy !== undefined;
		const late = isOut ? undefined : run.exile.shownPastCut(page);
		if (late !== undefined) run.blame(`${host} shows ${late} past the cut`);
		// What is shown and not stored yet, others cannot hold.
		if (node.status().notSaved !== null) continue;
		const heads = node.swarm.replica.headsDigest(SPACE_ID);
		const state = node.swarm.state.digest(SPACE);
		if (state !== (states.get(heads) ?? state))
			run.blame("pages with the same entries see other facts");
		states.set(heads, state);
	}
	for (const breach of breaches(awake, run.world.network)) run.blame(breach);
}

/** A page died: nobody may hold more of its log than its own disk (S2). */
export function checkSentAfterStored(run: Run, page: SimPage): void {
	const { peer } = page.node.me();
	if (run.forgetful.has(peer)) return;
	const held = lengthOf(page.profile, peer);
	for (const { profile } of run.pages)
		if (profile !== page.profile && lengthOf(profile, peer) > held)
			run.blame("a write was sent before it was stored");
}

function lengthOf({ disk }: Profile, session: string): number {
	return disk
		.rows()
		.filter((row) => row.session === session && row.space === SPACE_ID)
		.reduce((next, { seq }) => Math.max(next, seq + 1), 0);
}

/** Everything is healed: waits until all is as it must be, and says what is not. */
export async function checkHealed(run: Run): Promise<void> {
	const { clock } = run.world;
	const soon = async (holds: () => boolean, what: string): Promise<void> => {
		const all = () => run.pages.every(run.isInside) && holds();
		if (!(await clock.until(all, LIVENESS_MS, LOOK_MS))) run.blame(what);
	};
	await checkMembership(run);
	await soon(() => isLinked(run.pages), "pages did not find each other again");
	await soon(() => isSame(run), "pages that are linked hold different state");
	await soon(
		() => isTold(run),
		"some know of a fork that others do not know of",
	);
	for (const page of run.pages) checkPage(run, page);
	checkForks(run);
	// A page whose disk had lost its tail may just have begun a new session (S8).
	await soon(() => isLinked(run.pages), "pages did not stay together");
	await checkRequest(run);
	run.note(run.pages[0]?.node.swarm.state.digest(SPACE) ?? "");
}

function isSame(run: Run): boolean {
	const seen = run.pages.map(({ node }) => {
		const { replica, state } = node.swarm;
		const heads = [SWARM_SPACE, SPACE_ID].map((id) => replica.headsDigest(id));
		return [...heads, state.digest(SPACE)].join();
	});
	return new Set(seen).size === 1;
}

/** Whether all know of the same forks; those of a removed device need not reach who comes later. */
function isTold(run: Run): boolean {
	const told = run.pages.map(({ node }) => {
		const gone = run.exile
			.devices()
			.map((device) => node.swarm.presence.nameOf(device));
		return node
			.status()
			.warnings.filter((warning) => warning.includes("two different histories"))
			.filter((warning) => !gone.some((name) => warning.startsWith(name)))
			.sort()
			.join();
	});
	return new Set(told).size === 1;
}

/** Nothing that is owed is lost, nobody was thrown out or got in, and no space came from nowhere. */
function checkPage(run: Run, { node, host }: SimPage): void {
	const { replica, state } = node.swarm;
	const keys = new Set(state.entries(SPACE).map(({ key }) => key));
	for (const [key, { session }] of run.ledger.missing(keys))
		if (!run.forgetful.has(session) || !isRewritten(run, session))
			run.blame(`${host} lost ${key}`);
	const members = new Set(replica.members().map(({ device }) => device));
	for (const { node: other } of run.pages)
		if (!members.has(other.me().device)) run.blame(`${host} misses a member`);
	for (const device of members)
		if (!run.devices.has(device)) run.blame(`${host} counts a stranger`);
	for (const space of replica.spaces())
		if (space !== SWARM_SPACE && space !== SPACE_ID)
			run.blame(`${host} holds ${space}`);
}

/** An honest page's log forks only where its disk forgot what it had said. */
function checkForks(run: Run): void {
	for (const session of run.sessions)
		if (!run.forgetful.has(session) && isForked(run, session))
			run.blame("an honest page forked its log");
}

/** Whether a log has two histories, or a checkpoint that may stand for the later one (S7). */
const isRewritten = (run: Run, session: string): boolean =>
	isForked(run, session) ||
	run
		.disks()
		.some((disk) =>
			disk
				.rows()
				.some(
					(row) =>
						row.session === session &&
						row.seq !== PROOF_SEQ &&
						decodeEntry(row.bytes).kind === "checkpoint",
				),
		);

function isForked(run: Run, session: string): boolean {
	return run
		.disks()
		.some((disk) =>
			disk
				.rows()
				.some((row) => row.session === session && row.seq === PROOF_SEQ),
		);
}

/** A request whose link dies unnoticed is answered over the next one, and carried out once (L5). */
async function checkRequest(run: Run): Promise<void> {
	const { network, clock } = run.world;
	const [a] = run.pages;
	if (a === undefined) return;
	const tabs = run.tabsOf(a);
	const b = run.pages.find((page) => !tabs.includes(page));
	if (b === undefined) return;
	let deeds = 0;
	let answer: unknown;
	b.node.swarm.mesh.messenger.handle(DEED, () => ++deeds);
	network.mute(a.host, b.host);
	const asked = a.node.swarm.request(b.node.me().peer, DEED, null);
	asked.then(
		(given) => {
			answer = given;
		},
		(error: unknown) => run.note(String(error)),
	);
	if (
		!(await clock.until(() => answer !== undefined, LIVENESS_MS / 2, LOOK_MS))
	)
		run.blame("a request was lost with its link");
	if (deeds > 1) run.blame("a request was carried out twice");
}
