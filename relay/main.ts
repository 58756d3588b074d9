/** `npm start`: reads the command line, starts the relay, says where it is, and closes it when asked to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeQR } from "qr";
import { messageOf } from "../src/wire/error.ts";
import { hasCode } from "./listen.ts";
import { type Command, help, readCommand } from "./options.ts";
import { type Relay, startRelay } from "./server.ts";

type RunCommand = Extract<Command, { kind: "run" }>;

export interface MainDeps {
	/** The project's folder. */
	readonly root: string;
	/** Makes `dist/` current. `output` says what went wrong. */
	readonly build: () => Promise<{
		readonly ok: boolean;
		readonly output: string;
	}>;
}

/** Runs until SIGINT or SIGTERM. Returns early, with the exit code set, when it cannot start. */
export async function main(
	args: readonly string[],
	{ root, build }: MainDeps,
): Promise<void> {
	const command = readCommand(args, process.env);
	if (command.kind === "help") console.log(help);
	else if (command.kind === "wrong") fail(`${command.message}\n\n${help}`, 2);
	else {
		const built = await build();
		if (built.ok) await run(root, command);
		else fail(`The page could not be built.\n${built.output}`);
	}
}

async function run(root: string, command: RunCommand): Promise<void> {
	try {
		const relay = await start(root, command);
		closeOnSignal(relay);
		console.log(`Shoal is ready at ${relay.url}`);
		if (command.lan) sayLan(relay.addresses());
	} catch (error) {
		if (!hasCode(error, "EADDRINUSE", "EACCES", "EADDRNOTAVAIL")) throw error;
		fail(
			`The port or address cannot be had (${messageOf(error)}). Choose another one: npm start -- --port ${command.port + 1}`,
		);
	}
}

function start(root: string, { port, lan }: RunCommand): Promise<Relay> {
	const { version }: { version: string } = JSON.parse(
		readFileSync(join(root, "package.json"), "utf8"),
	);
	return startRelay({
		port,
		folder: join(root, "dist"),
		version,
		...(lan && {
			lan: {
				port: lan.port,
				dataFolder: lan.dataFolder,
				onChange: sayLan,
				...(lan.hosts && { hosts: lan.hosts }),
			},
		}),
	});
}

function sayLan(urls: readonly string[]): void {
	const [first, ...others] = urls;
	if (first === undefined) {
		console.log(
			"This computer is in no network that another device could reach it by.",
		);
		return;
	}
	const plain = first.replace("https:", "http:");
	console.log(`
On another device of this network open ${first}
${qrCode(first)}
${others.map((url) => `Should that not answer: ${url}\n`).join("")}The browser there will warn of the certificate. Install ${plain}/ca.crt on that device once and it
will not, and the page works offline there, too. Whoever has the file authority.pem of the data folder could then
impersonate any site to that device: keep it to yourself.`);
}

/** Light on dark whatever the terminal's colours: not every camera reads an inverted code. */
function qrCode(text: string): string {
	const code = encodeQR(text, "ascii").trimEnd();
	if (!process.stdout.isTTY) return code;
	return code
		.split("\n")
		.map((line) => `\x1b[97;40m${line}\x1b[0m`)
		.join("\n");
}

function closeOnSignal(relay: Relay): void {
	const close = () => {
		// A second signal ends the process the hard way.
		process.off("SIGINT", close).off("SIGTERM", close);
		relay.close().then(
			() => process.exit(0),
			(error: unknown) => {
				console.error(error);
				process.exit(1);
			},
		);
	};
	process.on("SIGINT", close).on("SIGTERM", close);
}

function fail(message: string, code = 1): void {
	console.error(message);
	process.exitCode = code;
}
