/** Addresses: which ones other devices can open, whom a remote address counts as, and which pages may speak. */
import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** One address of a network interface, as `os.networkInterfaces()` tells it. */
export interface InterfaceAddress {
	readonly address: string;
	readonly family: string;
	readonly internal: boolean;
}

export type Interfaces = Readonly<
	Record<string, readonly InterfaceAddress[] | undefined>
>;

/** Bridges of containers and virtual machines: real addresses that no phone can reach. */
const virtual =
	/^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|cni|flannel|wg|zt|bridge)/;

/**
 * The IPv4 addresses under which other devices may reach this computer, likeliest first: home networks, then other
 * networks, then virtual ones. IPv6 is left out: its addresses change daily and do not fit a QR code that stays small.
 */
export function lanAddresses(
	interfaces: Interfaces = networkInterfaces(),
): string[] {
	return Object.entries(interfaces)
		.flatMap(([name, addresses = []]) =>
			addresses
				.filter(
					({ address, family, internal }) =>
						!internal && family === "IPv4" && !address.startsWith("169.254."),
				)
				.map(({ address }) => ({ address, rank: rankOf(name, address) })),
		)
		.sort((a, b) => a.rank - b.rank)
		.map(({ address }) => address);
}

function rankOf(name: string, address: string): number {
	if (virtual.test(name)) return 3;
	if (address.startsWith("192.168.")) return 0;
	if (/^(10|172\.(1[6-9]|2\d|3[01]))\./.test(address)) return 1;
	return 2;
}

/**
 * Whom a remote address counts as when allowances are shared out. An IPv6 site has 2^64 addresses to hide behind, so
 * it counts as one.
 */
export function visitorOf(remoteAddress: string | undefined): string {
	const address = (remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
	if (!isIPv6(address)) return address;
	const [head = "", tail] = address.replace(/%.*$/, "").split("::");
	const groups = head === "" ? [] : head.split(":");
	if (tail !== undefined) {
		const last = tail === "" ? [] : tail.split(":");
		while (groups.length + last.length < 8) groups.push("0");
		groups.push(...last);
	}
	return groups
		.slice(0, 4)
		.map((group) => group.padStart(4, "0").toLowerCase())
		.join(":");
}

/** How an address is written in a URL. */
export function urlHost(address: string): string {
	return isIPv6(address) ? `[${address}]` : address;
}

/**
 * Whether a page of this origin may use the relay: one of the same host, on any port, or one of this computer when the
 * relay was addressed as such. Programs send no origin and are let in. Else any page of the web that is open on this
 * computer could use up the allowance of its own tabs.
 */
export function isOwnOrigin(
	origin: string | undefined,
	host: string | undefined,
): boolean {
	if (origin === undefined) return true;
	const to = hostnameOf(host);
	if (to === undefined || !URL.canParse(origin)) return false;
	const from = new URL(origin).hostname;
	return from === to || (isLoopback(from) && isLoopback(to));
}

/** The name or address in a `Host` header. */
export function hostnameOf(host: string | undefined): string | undefined {
	return host !== undefined && URL.canParse(`http://${host}`)
		? new URL(`http://${host}`).hostname
		: undefined;
}

/** Whether a host name, as URLs write it, means this computer. */
export function isLoopback(hostname: string): boolean {
	return (
		hostname === "localhost" ||
		hostname.endsWith(".localhost") ||
		hostname === "[::1]" ||
		(isIPv4(hostname) && hostname.startsWith("127."))
	);
}
