/** The program as people start it: what it prints, how it ends, and what it says when it cannot start. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { Client, openRelay, temporaryFolder } from "./harness.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

interface Program {
	readonly child: ChildProcess;
	/** Everything printed so far, both streams. */
	printed(): string;
	/** Resolves when this has been printed; rejects when the program ends without. */
	says(pattern: RegExp): Promise<RegExpMatchArray>;
	readonly ended: Promise<number | null>;
}

/** Runs a script with this Node. */
function start(file: string, args: readonly string[]): Program {
	const { NO_COLOR: _, ...env } = process.env;
	const child = spawn(process.execPath, [file, ...args], { env });
	onTestFinished(() => {
		child.kill("SIGKILL");
	});
	let text = "";
	let wake: (() => void) | undefined;
	for (const stream of [child.stdout, child.stderr])
		stream.on("data", (chunk) => {
			text += String(chunk);
			wake?.();
		});
	const ended = new Promise<number | null>((resolve) =>
		child.once("close", (code) => resolve(code)),
	);
	return {
		child,
		printed: () => text,
		ended,
		says: (pattern) =>
			new Promise((resolve, reject) => {
				wake = () => {
					const match = text.match(pattern);
					if (match !== null) resolve(match);
				};
				wake();
				ended.then(() => reject(new Error(`it ended and said: ${text}`)));
			}),
	};
}

/** `scripts/start.mjs` with a page that is built already. */
async function startBuilt(...args: string[]): Promise<Program> {
	const root = await temporaryFolder();
	await mkdir(join(root, "dist"));
	await writeFile(join(root, "dist", "index.html"), "built");
	await writeFile(join(root, "package.json"), '{"version":"9.8.7"}');
	const url = (path: string) =>
		JSON.stringify(pathToFileURL(join(project, path)).href);
	const file = join(root, "start.mjs");
	await writeFile(
		file,
		`import { register } from ${url("node_modules/tsx/dist/esm/api/index.mjs")};
register();
const { main } = await import(${url("relay/main.ts")});
await main(process.argv.slice(2), {
	root: ${JSON.stringify(root)},
	build: async () => ({ ok: ${!args.includes("--broken")}, output: "line 7: oh no" }),
});
`,
	);
	return start(
		file,
		args.filter((arg) => arg !== "--broken"),
	);
}

describe("npm start", () => {
	it("prints where Shoal is, serves it, and ends when asked to", async () => {
		const program = await startBuilt("--port", "0");
		const [line, url = ""] = await program.says(
			/^Shoal is ready at (http:\/\/localhost:\d+)\n/,
		);
		expect(program.printed()).toBe(line);
		expect(await (await fetch(url)).text()).toBe("built");
		const info = await fetch(`${url}/relay/info`);
		expect(await info.json()).toMatchObject({ version: "9.8.7", lan: false });
		program.child.kill("SIGTERM");
		expect(await program.ended).toBe(0);
	});

	it.each(["SIGTERM", "SIGINT"] as const)(
		"[R6] ends on %s, whoever is there and silent, and tells them",
		async (signal) => {
			const program = await startBuilt("--port", "0");
			const [, url = ""] = await program.says(
				/^Shoal is ready at (http:\/\/localhost:\d+)\n/,
			);
			const [client, mute] = [await Client.open(url), await Client.open(url)];
			mute.socket.pause();
			const stream = await fetch(`${url}/relay/sse`);
			program.child.kill(signal);
			expect(await client.closed).toBe(1012);
			expect(await stream.text()).toContain("event: restart");
			expect(await program.ended).toBe(0);
		},
	);

	it("prints the network's address and its QR code with --lan", async () => {
		const data = await temporaryFolder();
		const lan = ["--lan", "--host", "127.0.0.2", "--lan-port", "0"];
		const program = await startBuilt("--port", "0", ...lan, "--data", data);
		await program.says(/^Shoal is ready at http:\/\/localhost:\d+\n/);
		await program.says(/open https:\/\/127\.0\.0\.2:\d+\n█{20,}\n/);
		await program.says(/http:\/\/127\.0\.0\.2:\d+\/ca\.crt/);
		program.child.kill("SIGINT");
		expect(await program.ended).toBe(0);
	});

	it("says that the port is taken, and what to do", async () => {
		const { port } = await openRelay();
		const program = await startBuilt("--port", String(port));
		expect(await program.ended).toBe(1);
		expect(program.printed()).toContain(`npm start -- --port ${port + 1}`);
	});

	it("does not serve a page that could not be built", async () => {
		const program = await startBuilt("--port", "0", "--broken");
		expect(await program.ended).toBe(1);
		expect(program.printed()).toContain("line 7: oh no");
	});

	it("explains itself without building", async () => {
		const script = join(project, "scripts", "start.mjs");
		const program = start(script, ["--help"]);
		expect(await program.ended).toBe(0);
		expect(program.printed()).toContain("--lan");
		const wrong = start(script, ["--nonsense"]);
		expect(await wrong.ended).toBe(2);
		expect(wrong.printed()).toContain("--nonsense");
	});
});
