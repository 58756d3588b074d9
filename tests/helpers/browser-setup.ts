/** Before the browser tests: the page is built from the sources as they are, however the tests were started. */
import { ensureBuilt } from "../../scripts/build.ts";

export async function setup(): Promise<void> {
	const { ok, output } = await ensureBuilt();
	if (!ok) throw new Error(`The page does not build:\n${output}`);
}
