/** The command line of `npm start`, and where its defaults come from. */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Command =
	| {
			readonly kind: "run";
			readonly port: number;
			readonly lan: LanCommand | undefined;
	  }
	| { readonly kind: "help" }
	| { readonly kind: "wrong"; readonly message: string };

export interface LanCommand {
	readonly port: number;
	readonly hosts: readonly string[] | undefined;
	readonly dataFolder: string;
}

export const help = `Serves Shoal's page and its relay.

  npm start -- [options]

  --port PORT      port on this computer (default 8787, or PORT)
  --lan            let other devices of the local network in, over HTTPS
  --lan-port PORT  port on the network (default 8788)
  --host ADDRESS   with --lan: listen on this address alone; may be repeated
  --data FOLDER    where the certificate authority is kept (default SHOAL_DATA, or this system's folder for such data)
  --help           this text

Without --lan only this computer can open the page.`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the arguments after the program's name. Never throws. */
export function readCommand(
	args: readonly string[],
	env: Environment,
	platform: NodeJS.Platform = process.platform,
): Command {
	const values = parse(args);
	if (typeof values === "string") return { kind: "wrong", message: values };
	if (values.help) return { kind: "help" };
	const lan = values.lan ?? false;
	if (!lan && (values["lan-port"] ?? values.host) !== undefined)
		return wrong(
			"--lan-port and --host say how to be on the network: add --lan.",
		);
	const port = readPort(values.port ?? (env["PORT"] || "8787"));
	if (port === undefined) return wrong("A port is a number from 0 to 65535.");
	const lanPort = readPort(values["lan-port"] ?? "8788");
	if (lanPort === undefined)
		return wrong("A port is a number from 0 to 65535.");
	if (lan && port === lanPort && port !== 0)
		return wrong("--port and --lan-port must differ.");
	const dataFolder = values.data ?? dataFolderOf(env, platform);
	return {
		kind: "run",
		port,
		lan: lan ? { port: lanPort, hosts: values.host, dataFolder } : undefined,
	};
}

/** Where this system keeps what programs must not lose. `SHOAL_DATA` names another folder. */
export function dataFolderOf(
	env: Environment,
	platform: NodeJS.Platform,
): string {
	if (env["SHOAL_DATA"]) return env["SHOAL_DATA"];
	if (platform === "darwin")
		return join(homedir(), "Library", "Application Support", "Shoal");
	if (platform === "win32")
		return join(
			env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local"),
			"Shoal",
		);
	return join(
		env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"),
		"shoal",
	);
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				port: { type: "string" },
				lan: { type: "boolean" },
				"lan-port": { type: "string" },
				host: { type: "string", multiple: true },
				data: { type: "string" },
				help: { type: "boolean", short: "h" },
			},
		}).values;
	} catch (error) {
		if (error instanceof TypeError) return error.message;
		throw error;
	}
}

function readPort(text: string): number | undefined {
	const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
	return port <= 65_535 ? port : undefined;
}

function wrong(message: string): Command {
	return { kind: "wrong", message };
}
