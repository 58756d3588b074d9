/** What the page's server tells about itself: where other devices can open it. */

export interface RelayInfo {
	/** The address that invites begin with. */
	readonly inviteBase: string;
}

/**
 * A page opened on loopback invites others to an address they can reach, where the server has one. Anything else
 * invites to where it was opened itself.
 */
export async function readRelayInfo(base: string): Promise<RelayInfo> {
	const own = { inviteBase: base };
	if (!isLoopback(new URL(base).hostname)) return own;
	try {
		const response = await fetch(new URL("relay/info", base));
		const info: unknown = await response.json();
		const address = addressOf(info);
		return address === undefined ? own : { inviteBase: address };
	} catch {
		// The server is gone; the page goes on working without it.
		return own;
	}
}

function addressOf(info: unknown): string | undefined {
	if (typeof info !== "object" || info === null || !("addresses" in info))
		return undefined;
	const { addresses } = info;
	if (!Array.isArray(addresses)) return undefined;
	return addresses.find(
		(address): address is string =>
			typeof address === "string" &&
			URL.canParse(address) &&
			!isLoopback(new URL(address).hostname),
	);
}

const isLoopback = (host: string): boolean =>
	host === "localhost" || host === "[::1]" || host.startsWith("127.");
