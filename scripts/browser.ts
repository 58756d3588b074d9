/** Finds a Chromium on this machine, or installs one. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";
import { run, runTool } from "./process.ts";

const names = [
	"chromium",
	"chromium-browser",
	"google-chrome",
	"google-chrome-stable",
	"microsoft-edge",
];
const places = [
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
	...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) => {
		const folder = process.env[name];
		return folder === undefined
			? []
			: [
					join(folder, "Google", "Chrome", "Application", "chrome.exe"),
					join(folder, "Microsoft", "Edge", "Application", "msedge.exe"),
				];
	}),
];

/** The path of a Chromium that is here, or undefined. `SHOAL_CHROMIUM` names one, and then no other will do. */
export function findChromium(): string | undefined {
	return candidates()[0];
}

/**
 * Finds a Chromium that starts, installing one where there is none: from Debian's packages when root there, else
 * Playwright's build.
 *
 * @throws Error that says what to do, when neither works.
 */
export async function ensureChromium(): Promise<string> {
	const tried: string[] = [];
	const asked = process.env["SHOAL_CHROMIUM"];
	const found = await findWorking(tried);
	if (found) return found;
	if (asked)
		tried.push(`SHOAL_CHROMIUM is ${asked}, which is no working browser.`);
	else {
		console.log("No Chromium found; installing one for the browser tests…");
		for (const install of [
			() => installFromDebian("chromium"),
			installFromPlaywright,
		]) {
			tried.push(await install());
			const installed = await findWorking(tried);
			if (installed) return installed;
		}
	}
	throw new Error(
		[
			"The browser tests need Chromium, and it could be neither found nor installed.",
			"Install Chromium or Google Chrome, or set SHOAL_CHROMIUM to its path, and run npm test again.",
			...new Set(tried.filter((output) => output !== "")),
		].join("\n"),
	);
}

function candidates(): string[] {
	const asked = process.env["SHOAL_CHROMIUM"];
	if (asked) return existsSync(asked) ? [asked] : [];
	const onPath = (process.env["PATH"] ?? "")
		.split(delimiter)
		.flatMap((folder) => names.map((name) => join(folder, name)));
	return [...onPath, ...places, chromium.executablePath()].filter((path) =>
		existsSync(path),
	);
}

/** Some systems have a `chromium` that only says how to install it, so finding a file is not enough. */
async function findWorking(tried: string[]): Promise<string | undefined> {
	for (const path of candidates()) {
		// Chrome on Windows does not answer --version; there, the file is all there is to go by.
		if (process.platform === "win32") return path;
		const { ok, output } = await run(path, ["--version"], { limitMs: 30_000 });
		if (ok) return path;
		tried.push(`${path} does not start: ${tail(output)}`);
	}
	return undefined;
}

/** The path of a Firefox that is here, or undefined. `SHOAL_FIREFOX` names one, and then no other will do. */
export function findFirefox(): string | undefined {
	const asked = process.env["SHOAL_FIREFOX"];
	return [asked ?? "/usr/bin/firefox-esr"].find((path) => existsSync(path));
}

/** Installs Firefox where continuous integration can. Where there is none, the tests with it say so and are skipped. */
export async function installFirefox(): Promise<void> {
	if (findFirefox() !== undefined || !process.env["CI"]) return;
	console.log("No Firefox found; installing one for the browser tests…");
	const problem = await installFromDebian("firefox-esr");
	if (problem !== "") console.log(`Firefox was not installed: ${problem}`);
}

/** @returns what went wrong, if anything did; empty, too, where this is no Debian or nobody may install */
async function installFromDebian(name: string): Promise<string> {
	const release = "/etc/os-release";
	const isDebian =
		existsSync(release) && /^ID=debian$/m.test(readFileSync(release, "utf8"));
	if (!isDebian || process.getuid?.() !== 0) return "";
	const env = { DEBIAN_FRONTEND: "noninteractive" };
	const updated = await run("apt-get", ["update"], { env });
	const installed = await run("apt-get", ["install", "-y", name], { env });
	return [updated, installed]
		.filter(({ ok }) => !ok)
		.map(({ output }) => tail(output))
		.join("\n");
}

async function installFromPlaywright(): Promise<string> {
	const isRoot = process.getuid?.() === 0;
	const libraries =
		isRoot && process.platform === "linux" ? ["--with-deps"] : [];
	const args = ["install", ...libraries, "--no-shell", "chromium"];
	const { ok, output } = await runTool("playwright", args);
	return ok ? "" : tail(output);
}

function tail(output: string): string {
	return output.trimEnd().split("\n").slice(-5).join("\n");
}
