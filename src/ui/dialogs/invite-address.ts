/** What an invite's address means for other devices. */

/** Whether only this computer can open the link. */
export function onlyThisComputer(invite: string): boolean {
	if (!URL.canParse(invite)) return false;
	const { hostname } = new URL(invite);
	return (
		hostname === "localhost" ||
		hostname.endsWith(".localhost") ||
		/^127(\.\d+){3}$/.test(hostname) ||
		hostname === "[::1]"
	);
}
