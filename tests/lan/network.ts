/**
 * A local network of the test's own: a switch, and hosts with one cable each. Switch and hosts are network namespaces
 * (the switch has one, too), so the machine's own interfaces, addresses and packet filters play no part.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = `shoal-${process.pid}-`;
/** Namespaces see no other network, so it can collide with none. */
const subnet = "192.168.77";

/**
 * Clears up when its standard input ends, which it does however this process ends. `$1` begins the names of the
 * namespaces; whatever still runs in one, a browser's helpers for instance, ends with it. `$2` is a folder.
 */
const janitor = `
trap '' INT TERM HUP
read -r nothing
for name in $(ip netns list | cut -d ' ' -f 1); do
	case $name in "$1"*)
		for pid in $(ip netns pids "$name"); do kill -9 "$pid" 2>&- || :; done
		ip netns del "$name"
	esac
done
rm -rf "$2"
`;

/** Why no network can be built here, or undefined. */
export function whyNot(): string | undefined {
	if (process.platform !== "linux") return "network namespaces are Linux's";
	if (process.getuid?.() !== 0) return "network namespaces need root";
	const probe = `${prefix}probe`;
	try {
		ip("netns", "add", probe);
	} catch (error) {
		return `no network namespace can be made (${reasonOf(error)})`;
	}
	try {
		ip("-n", probe, "link", "add", "br0", "type", "bridge");
		ip("-n", probe, "link", "add", "one", "type", "veth");
		return undefined;
	} catch (error) {
		return `no bridge or cable can be made (${reasonOf(error)})`;
	} finally {
		ip("netns", "del", probe);
	}
}

/** A computer of the network. */
export interface Host {
	/** Its namespace. */
	readonly name: string;
	readonly address: string;
	/** Pulls its cable out of the switch: its interface loses the carrier, as a real one does. */
	cut(): void;
	/** Breaks the way behind its switch: nothing passes, and the interface stays up. */
	isolate(): void;
	/** Undoes `cut` and `isolate`. */
	heal(): void;
	/** Takes its interface away for good. */
	unplug(): void;
	/** Runs a program there. */
	run(command: string, args: readonly string[]): ChildProcess;
}

/**
 * A switch with nobody connected.
 * @throws Error when it cannot be built: see `whyNot`
 */
export class Network {
	/** For scripts, certificates and the like; goes with the network. */
	readonly folder: string = mkdtempSync(join(tmpdir(), "shoal-lan-"));
	readonly #switch = `${prefix}switch`;
	readonly #janitor: ChildProcess;
	#hosts = 0;

	constructor() {
		// In a session of its own: it must outlive a signal to this process's whole group.
		this.#janitor = spawn("sh", ["-c", janitor, "sh", prefix, this.folder], {
			detached: true,
			stdio: ["pipe", "ignore", "inherit"],
		});
		addNamespace(this.#switch);
		// No querier is here that would tell a snooping bridge who listens to multicast (mDNS).
		const bridge = ["br0", "type", "bridge", "mcast_snooping", "0"];
		ip("-n", this.#switch, "link", "add", ...bridge);
		ip("-n", this.#switch, "link", "set", "br0", "up");
	}

	/** @param label unique in this network, lower case */
	addHost(label: string): Host {
		const number = ++this.#hosts;
		const name = `${prefix}${label}`;
		const port = `port${number}`;
		const address = `${subnet}.${number}`;
		const inSwitch = (...args: string[]) => ip("-n", this.#switch, ...args);
		const inside = (...args: string[]) => ip("-n", name, ...args);
		addNamespace(name);
		inSwitch(
			...["link", "add", port, "type", "veth"],
			...["peer", "name", "eth0", "netns", name],
		);
		const connect = () => inSwitch("link", "set", port, "master", "br0", "up");
		connect();
		inside("addr", "add", `${address}/24`, "dev", "eth0");
		inside("link", "set", "eth0", "up");
		// Browsers gather candidates on the interface of the default route only, and send mDNS by it.
		inside("route", "add", "default", "via", `${subnet}.254`);
		return {
			name,
			address,
			cut: () => inSwitch("link", "set", port, "down"),
			isolate: () => inSwitch("link", "set", port, "nomaster"),
			heal: connect,
			unplug: () => inSwitch("link", "del", port),
			run: (command, args) =>
				spawn("ip", ["netns", "exec", name, command, ...args], {
					stdio: ["ignore", "pipe", "inherit"],
				}),
		};
	}

	/** Resolves when everything is gone, whatever ran there included. */
	async close(): Promise<void> {
		if (this.#janitor.exitCode !== null) return;
		this.#janitor.stdin?.end();
		const [code] = await once(this.#janitor, "exit");
		if (code !== 0) throw new Error("The network could not be cleared up.");
	}
}

function addNamespace(name: string): void {
	ip("netns", "add", name);
	ip("-n", name, "link", "set", "lo", "up");
}

function reasonOf(error: unknown): string {
	const said = error instanceof Error ? error.message : String(error);
	return said.trim().replaceAll(/\s*\n\s*/g, ": ");
}

function ip(...args: string[]): void {
	execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
