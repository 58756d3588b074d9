/** A value of 5 MB, then a small one: whether both arrive at all pages. */
import type { Page } from "playwright";
import {
	gatherSwarm,
	newDevice,
	type Stage,
} from "../scripts/headless-swarm.ts";
import type { Figure } from "./figure.ts";
import { rounded } from "./figure.ts";
import type { Arena } from "./rivals.ts";

const LARGE = 5_000_000;
const PAGES = 3;
const LIMIT_MS = 20_000;
const SPACE = "large";

export async function* largeThenSmall(
	bench: string,
	stage: Stage,
	arena: Arena,
): AsyncGenerator<Figure> {
	for (const name of ["shoal", "y-webrtc"] as const) {
		const pages =
			name === "shoal"
				? await gatherSwarm(stage, PAGES)
				: await gatherRivals(stage, arena);
		const [first, ...others] = pages;
		const begun = performance.now();
		const write = first?.evaluate(name === "shoal" ? putBoth : setBoth, {
			space: SPACE,
			length: LARGE,
		});
		const arrived = await Promise.all(
			others.map((page) =>
				page.evaluate(name === "shoal" ? untilBoth : untilRivalBoth, {
					space: SPACE,
					limit: LIMIT_MS,
				}),
			),
		);
		const ms = performance.now() - begun;
		await write;
		const both = arrived.filter(Boolean).length;
		const metric = `5 MB, then a small value, ${PAGES} pages`;
		yield {
			bench,
			case: name,
			metric: `${metric}: others that have both`,
			unit: `of ${PAGES - 1}`,
			value: both,
		};
		if (both === PAGES - 1)
			yield { bench, case: name, metric, unit: "ms", value: rounded(ms) };
		for (const page of pages) await page.context().close();
	}
}

async function gatherRivals(stage: Stage, arena: Arena): Promise<Page[]> {
	const pages: Page[] = [];
	for (let index = 0; index < PAGES; index++) {
		const page = await (await newDevice(stage.browser)).newPage();
		await page.goto(
			arena.address("records-y-webrtc", "large", `page-${index}`),
		);
		pages.push(page);
	}
	for (const page of pages)
		await page.waitForFunction(() => globalThis.linkedAt);
	return pages;
}

interface Given {
	readonly space: string;
	readonly length: number;
}

/** The following run in pages. */
async function putBoth({ space, length }: Given): Promise<void> {
	await shoal.state.put(space, "large", "x".repeat(length));
	await shoal.state.put(space, "small", 1);
}

async function setBoth({ length }: Given): Promise<void> {
	globalThis.records?.put("large", length);
	globalThis.records?.put("small", 1);
}

async function untilBoth(given: {
	space: string;
	limit: number;
}): Promise<boolean> {
	const begun = performance.now();
	for (;;) {
		const keys = (await shoal.state.entries(given.space)).map(({ key }) => key);
		if (keys.includes("large") && keys.includes("small")) return true;
		if (performance.now() - begun > given.limit) return false;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function untilRivalBoth(given: {
	space: string;
	limit: number;
}): Promise<boolean> {
	const begun = performance.now();
	for (;;) {
		if (globalThis.records?.has("large") && globalThis.records?.has("small"))
			return true;
		if (performance.now() - begun > given.limit) return false;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
