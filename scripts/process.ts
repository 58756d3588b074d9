/** Runs the tools that the checks and tests are made of as child processes, without a shell and without input. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** How a process ended. `output` is empty where it went straight to the terminal. */
export interface Outcome {
	readonly ok: boolean;
	readonly output: string;
}

/** Where output goes, and after how many milliseconds a process counts as hung. */
export interface RunOptions {
	readonly show?: boolean;
	readonly limitMs?: number;
	readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. Never rejects: a command that is missing, dies or hangs has failed and says why. */
export function run(
	command: string,
	args: readonly string[],
	{ show = false, limitMs = 10 * 60_000, env = {} }: RunOptions = {},
): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = spawn(command, args, {
			cwd: root,
			env: { ...process.env, ...env },
			stdio: show
				? ["ignore", "inherit", "inherit"]
				: ["ignore", "pipe", "pipe"],
		});
		const chunks: Buffer[] = [];
		child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
		child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
		let ended = "";
		const limit = setTimeout(() => {
			ended = `${command} was still running after ${limitMs / 1000} s`;
			child.kill("SIGKILL");
		}, limitMs);
		const finish = (ok: boolean, reason: string) => {
			clearTimeout(limit);
			const output = Buffer.concat(chunks).toString("utf8") + reason;
			if (show && reason) console.error(reason);
			resolve({ ok, output });
		};
		child.on("error", (error) => finish(false, error.message));
		child.on("close", (code, signal) => {
			const crash = signal ? `${command} ended by ${signal}` : "";
			finish(code === 0, ended || crash);
		});
	});
}

/** Runs the command-line program of an installed package with this Node. */
export function runTool(
	name: string,
	args: readonly string[],
	options?: RunOptions,
): Promise<Outcome> {
	return run(process.execPath, [programOf(name), ...args], options);
}

function programOf(name: string): string {
	const folder = join(root, "node_modules", name);
	const file = join(folder, "package.json");
	if (!existsSync(file))
		throw new Error(`${name} is not installed; run npm ci first`);
	const manifest: { bin?: string | Record<string, string> } = JSON.parse(
		readFileSync(file, "utf8"),
	);
	const { bin } = manifest;
	const path =
		typeof bin === "string"
			? bin
			: (bin?.[name.replace(/^@.*\//, "")] ?? Object.values(bin ?? {})[0]);
	if (path === undefined) throw new Error(`${name} has no program`);
	return join(folder, path);
}
