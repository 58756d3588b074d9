/** The devices of the swarm as the screens show them, out of members, peers and agents. */
import type {
	AgentInfo,
	DeviceId,
	Peer,
	Role,
	Status,
} from "../../node/api.ts";

/** One page that is open somewhere, this one included. */
export interface Page {
	readonly peer: string;
	/** `null` for this page. */
	readonly link: Peer | null;
	readonly agents: readonly (AgentInfo & { readonly working: number })[];
}

export interface Device {
	readonly device: DeviceId;
	readonly name: string;
	readonly mine: boolean;
	readonly role: Role | null;
	readonly pages: readonly Page[];
	readonly state: "working" | "awake" | "asleep";
}

/** This device first, then the others in the order of the members; each with its pages that are open now. */
export function devicesOf(status: Status): Device[] {
	const ids = new Set<DeviceId>([
		status.me.device,
		...status.members.map((member) => member.device),
		...status.peers.map((peer) => peer.device),
	]);
	return [...ids].map((device) => deviceOf(status, device));
}

function deviceOf(status: Status, device: DeviceId): Device {
	const mine = device === status.me.device;
	const member = status.members.find((m) => m.device === device);
	const links = status.peers.filter((p) => p.device === device);
	const pages: Page[] = links
		.filter((link) => link.state === "awake")
		.map((link) => ({
			peer: link.peer,
			link,
			agents: status.agents.filter((agent) => agent.peer === link.peer),
		}));
	if (mine) {
		pages.unshift({
			peer: status.me.peer,
			link: null,
			agents: status.agents.filter((agent) => agent.peer === status.me.peer),
		});
	}
	const working = pages.some((page) => page.agents.some((a) => a.working > 0));
	return {
		device,
		name: mine
			? status.me.name
			: (member?.name ?? links[0]?.name ?? "A device"),
		mine,
		role: member?.role ?? null,
		pages,
		state: pages.length === 0 ? "asleep" : working ? "working" : "awake",
	};
}

/** `this page · working`, `2 pages`, `asleep`. */
export function deviceWords(device: Device): string {
	if (device.state === "asleep") return "asleep";
	const words: string[] = [];
	if (device.pages.length > 1) words.push(`${device.pages.length} pages`);
	else if (device.mine) words.push("this page");
	if (device.state === "working") words.push("working");
	else if (words.length === 0) words.push("awake");
	return words.join(" · ");
}

/** How a page is linked with this one, in words. */
export function linkWords(link: Peer | null): string {
	if (link === null) return "this page";
	if (link.via === "tab") return "in this browser";
	return link.via === "rtc" ? "directly" : "through another device";
}

/** How many agents of a page are at work. */
export function workingOf(page: Page): number {
	return page.agents.filter((agent) => agent.working > 0).length;
}
