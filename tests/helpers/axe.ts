/** What axe finds against a page. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright";

/** Violations of WCAG 2.2 AA by rule and place; none is the only right answer. */
export async function violationsOf(page: Page): Promise<string[]> {
	// The animation of what just appeared would be measured half-transparent.
	await page.waitForFunction(() =>
		document
			.getAnimations()
			.every((animation) => animation.playState !== "running"),
	);
	const { violations } = await new AxeBuilder({ page })
		.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
		.analyze();
	return violations.flatMap(({ id, nodes }) =>
		nodes.map(({ target }) => `${id}: ${target.join(" ")}`),
	);
}
