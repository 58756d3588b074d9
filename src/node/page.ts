/** The page's side: starts the node worker, hosts its connections, and makes `globalThis.shoal` of its calls. */
import { wrap } from "comlink";
import { keepErrorCodes } from "../platform/comlink-errors.ts";
import { fetchRtc, hostRtc } from "../platform/rtc-host.ts";
import { installTrustedTypes } from "../platform/trusted-types.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import { isOutsideLink } from "../wire/outside-link.ts";
import type { Shoal } from "./api.ts";
import { workerNameOf } from "./boot.ts";
import { deviceName } from "./device-name.ts";
import type { NodeService } from "./service.ts";
import { createShoal } from "./shoal.ts";

declare global {
	/** The page API (see `api.ts`). */
	var shoal: Shoal;
}

/** Where a tab keeps which session it is, over reloads of its own. */
const LAST_SESSION = "shoal/session";

/** Whether the address opens a draft to somebody outside a swarm: then this page is no peer. */
export const isOutside = (): boolean => isOutsideLink(location.hash);

/** Starts this page's node and publishes `globalThis.shoal`. Call once. */
export function startShoal(): Shoal {
	installTrustedTypes();
	keepErrorCodes();
	const worker = new Worker(
		new URL("../../workers/node.worker.ts", import.meta.url),
		{
			type: "module",
			name: workerNameOf({
				deviceName: deviceName(navigator),
				lastSession: sessionStorage.getItem(LAST_SESSION),
				invite: isInvite() ? location.href : null,
			}),
		},
	);
	const broken = new Promise<never>((_, reject) => {
		worker.onerror = (event) =>
			reject(
				new ShoalError(
					"not-available",
					`Shoal could not start in this browser: ${event.message || "its worker failed to load"}.`,
				),
			);
	});
	broken.catch(() => undefined);
	// The worker's first message is the port over which it asks for connections.
	worker.addEventListener(
		"message",
		({ ports: [port] }) => port && hostRtc(port),
		{ once: true },
	);
	// Somebody will answer an invite. Where that cannot be fetched now, the first connection tries again.
	if (isInvite()) fetchRtc().catch(() => undefined);
	const node = wrap<NodeService>(worker);
	const ready = Promise.race([node.ready(), broken]);
	const shoal = createShoal(node, ready, keepStorage);
	ready
		.then(() => shoal.me())
		.then(({ peer }) => sessionStorage.setItem(LAST_SESSION, peer))
		// Without it a reload may become another session of this device, no more.
		.catch(() => undefined);
	if (isInvite()) eraseInvite(node.inviteKept());
	addEventListener("hashchange", () => {
		const { href } = location;
		if (isInvite()) eraseInvite(node.takeInvite(href));
	});
	Object.defineProperty(globalThis, "shoal", { value: shoal });
	return shoal;
}

const isInvite = (): boolean => location.hash.startsWith("#join=");

/** An invite in the address is stored before it is erased there, so that nothing is lost and nothing is left (M2). */
function eraseInvite(kept: Promise<void>): void {
	const { href } = location;
	kept
		.then(() => {
			if (location.href === href)
				history.replaceState(null, "", location.pathname + location.search);
		})
		.catch((error: unknown) => console.info(messageOf(error)));
}

/** Asks the browser not to clear what somebody entrusted to this page; it may decline, and most never ask anybody. */
function keepStorage(): void {
	if (!("storage" in navigator)) return;
	navigator.storage.persist().catch(() => undefined);
}
