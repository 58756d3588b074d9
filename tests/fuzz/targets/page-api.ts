/**
 * The page API as scripts call it, over a real Comlink to a whole node that is linked to another device. Whatever is
 * passed, a call answers or is refused with a code; what is refused changes nothing here and harms no link.
 */
import { expose, wrap } from "comlink";
import type { Shoal } from "../../../src/node/api.ts";
import { NodeService } from "../../../src/node/service.ts";
import { createShoal } from "../../../src/node/shoal.ts";
import { keepErrorCodes } from "../../../src/platform/comlink-errors.ts";
import { decodeCbor, encodeCbor } from "../../../src/wire/cbor.ts";
import { codeOf } from "../../../src/wire/error.ts";
import { stubSuite } from "../../sim/world/stub-suite.ts";
import { isLinked, type SimPage, SwarmWorld } from "../../sim/world/swarm.ts";
import { ACCEPTED, ensure, type Outcome, type Target } from "../target.ts";

const METHODS = [
	...["rename", "createSwarm", "invite", "join", "use", "remove", "request"],
	...["publish", "subscribe", "state.put", "state.entries", "state.digest"],
	...["state.copies", "documents.add", "documents.addEach", "documents.text"],
	...["documents.remove", "documents.bring", "documents.watch", "research"],
	...["job", "watch", "drafts.create", "drafts.list", "drafts.read"],
	...["drafts.edit", "drafts.remove", "drafts.unshare", "drafts.watch"],
];
/** After these the page is in another swarm. */
const MOVING = ["createSwarm", "use", "join"];

function nested(depth: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = [value];
	return value;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const sparse: unknown[] = [];
sparse.length = 4_000_000_000;

/** Values that CBOR has no word for. In an input, `{ "?": n }` stands for the nth. */
const STRANGE: readonly unknown[] = [
	...[undefined, () => 1, Symbol("x"), new Proxy({}, {}), cycle, sparse],
	...[new Date(0), new Map([[1, 2]]), new Set([1]), /x/g, new Error("x")],
	...[nested(23), nested(31), nested(60), nested(50_000), 10n ** 30n],
	...[
		new Float32Array(3),
		new ArrayBuffer(8),
		new (class Own {})(),
		globalThis,
	],
	...[JSON.parse('{"__proto__": 1}'), { "\ud800": 1 }, "\ud800", Number.NaN],
	...["x".repeat(17 * 1024 * 1024), new Uint8Array(17 * 1024 * 1024)],
	...[Object.create(null), [undefined], { toString: 1 }, -0],
];

/** A copy with strange things where the input names them. */
function strange(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(strange);
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Uint8Array) return value;
	const index: unknown = Reflect.get(value, "?");
	if (typeof index === "number" && index in STRANGE) return STRANGE[index];
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [name, strange(item)]),
	);
}

const SPARE: readonly unknown[] = [
	{ timeoutMs: 5, question: "Why?", documents: ["ab"], policy: "mine" },
	["ab".repeat(32), "ab".repeat(16), "http://shoal.test/#join=AAAA"],
	"ping",
];

/** A name, or a number: any number names a method. */
function methodOf(which: unknown): string | undefined {
	if (typeof which === "number")
		return METHODS[Math.abs(Math.trunc(which)) % METHODS.length];
	return METHODS.find((name) => name === which);
}

interface Open {
	readonly world: SwarmWorld;
	readonly pages: readonly SimPage[];
	readonly page: SimPage;
	readonly shoal: Shoal;
	close(): void;
}

async function open(): Promise<Open> {
	const world = new SwarmWorld(1, { suite: stubSuite });
	const pages = await world.swarm(2);
	ensure(await world.clock.until(() => isLinked(pages), 20_000), "no link");
	await world.clock.run(3_000);
	const [page] = pages;
	ensure(page !== undefined, "no page");
	const { port1, port2 } = new MessageChannel();
	expose(new NodeService(Promise.resolve(page.node), null), port1);
	const service = wrap<NodeService>(port2);
	const close = (): void => {
		port1.close();
		port2.close();
	};
	const shoal = createShoal(service, Promise.resolve(), () => undefined);
	return { world, pages, page, shoal, close };
}

/** Everything that a refused call must leave as it was. */
async function stateOf({ page }: Open): Promise<string> {
	const { node, profile } = page;
	const { me, swarmName, members, warnings, jobs, notSaved, joining } =
		node.status();
	const { replica } = node.swarm;
	return JSON.stringify([
		...[me, swarmName, members, warnings, jobs, notSaved, joining],
		[await node.swarms(), await profile.identity.store.settings("")],
		replica.heads(me.device).map(({ space, next }) => [space, next]),
	]);
}

/** Links opened so far, lost ones too. */
const linksMade = (pages: readonly SimPage[]): number =>
	pages.reduce((sum, { node }) => sum + node.status().connections, 0);

/** Calls a method; what comes of the call is awaited, but not what comes of a job. */
async function call(
	{ shoal }: Open,
	name: string,
	args: readonly unknown[],
): Promise<void> {
	const [group = "", inner] = name.split(".");
	const owner: unknown =
		inner === undefined ? shoal : Reflect.get(shoal, group);
	ensure(typeof owner === "object" && owner !== null, "no such group");
	const method: unknown = Reflect.get(owner, inner ?? group);
	ensure(typeof method === "function", "no such method");
	const result: unknown = Reflect.apply(method, owner, args);
	if (typeof result === "function") result();
	else if (name === "job") await (result as ReturnType<Shoal["job"]>).cancel();
	else if (name === "research")
		await (result as ReturnType<Shoal["research"]>).done;
	else await result;
}

const pageApi: Target = {
	name: "page-api",
	weight: 0.02,
	begin() {
		keepErrorCodes();
		// As a page over plain HTTP has them: it holds no rooms.
		const location = { href: "http://shoal.test/" };
		Object.assign(globalThis, { location, isSecureContext: false });
		let now: Open | undefined;
		let uses = 0;
		return {
			inputs: [
				["rename", "Laptop"],
				["createSwarm", { name: "Second" }],
				[
					"invite",
					{ uses: 3, expiresInMs: 1_000, role: "guest", delegates: [] },
				],
				["publish", "topic", { a: [1, "x"] }],
				["subscribe", "topic.*", { "?": 1 }],
				["state.put", "notes", "key", { a: 1 }],
				["state.entries", "notes"],
				["state.digest", "notes"],
				["state.copies", "notes"],
				["documents.addEach", [], { policy: "swarm" }, { "?": 1 }],
				["documents.watch", { "?": 1 }],
				["watch", { "?": 1 }],
				["drafts.create", { title: "Notes", text: "a" }],
				["drafts.list"],
			]
				.map(([name, ...args]) => [METHODS.indexOf(String(name)), ...args])
				// What a call does not take is there for others to take.
				.map((list, n) =>
					encodeCbor([...list, ...SPARE.slice(n % 3), { "?": 3 * n }]),
				),
			tokens: METHODS.map((_, n) => Uint8Array.of(n)),
			async reset() {
				if (now !== undefined && uses++ % 40 !== 39) return;
				now?.close();
				now = await open();
			},
			async take(input) {
				if (now === undefined) return "refused";
				let list: unknown;
				try {
					list = decodeCbor(input, { maxBytes: 65_536, maxDepth: 40 });
				} catch {
					return "refused";
				}
				if (!Array.isArray(list)) return "refused";
				const [which, ...args]: unknown[] = list;
				const name = methodOf(which);
				if (name === undefined) return "refused";
				const { world, pages } = now;
				const before = await stateOf(now);
				const links = linksMade(pages);
				let outcome: Outcome = ACCEPTED;
				const given = args.slice(0, 6).map(strange);
				const called = call(now, name, given).catch((error: unknown) => {
					const code = codeOf(error);
					if (code === undefined) throw error;
					outcome = code;
				});
				await world.settle(called, 600_000);
				await world.clock.run(500);
				const isMoved = MOVING.includes(name) && outcome === ACCEPTED;
				if (isMoved || outcome === "nobody-awake") uses = 39;
				else {
					const isAsBefore = isLinked(pages) && linksMade(pages) === links;
					ensure(isAsBefore, "a call cost a link");
					const after = await stateOf(now);
					ensure(
						outcome === ACCEPTED || after === before,
						`what was refused changed something: ${before} ${after}`,
					);
				}
				return outcome;
			},
		};
	},
};

export const pageTargets: readonly Target[] = [pageApi];
