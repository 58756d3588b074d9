/** The page's side: starts the node worker, hosts its connections, and makes `globalThis.shoal` of its calls. */
import { transfer, wrap } from "comlink";
import { keepErrorCodes } from "../platform/comlink-errors.ts";
import { hostRtc } from "../platform/rtc-host.ts";
import { installTrustedTypes } from "../platform/trusted-types.ts";
import { messageOf, ShoalError } from "../wire/error.ts";
import { isOutsideLink } from "../wire/outside-link.ts";
import type { Shoal } from "./api.ts";
import { deviceName } from "./device-name.ts";
import type { NodeBoot } from "./service.ts";
import { createShoal, type Service } from "./shoal.ts";

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
		{ type: "module", name: "shoal-node" },
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
	const rtc = new MessageChannel();
	hostRtc(rtc.port1, isInvite());
	const boot = wrap<NodeBoot>(worker);
	const started = boot.start(transfer(rtc.port2, [rtc.port2]), {
		base: new URL(".", location.href).href,
		deviceName: deviceName(navigator),
		lastSession: sessionStorage.getItem(LAST_SESSION),
		invited: isInvite(),
	}) as unknown as Promise<Service>;
	const service = Promise.race([started, broken]);
	const ready = service.then((node) => Promise.race([node.ready(), broken]));
	const shoal = createShoal(service, ready, keepStorage);
	ready
		.then(() => shoal.me())
		.then(({ peer }) => sessionStorage.setItem(LAST_SESSION, peer))
		// Without it a reload may become another session of this device, no more.
		.catch(() => undefined);
	takeInvite(service);
	addEventListener("hashchange", () => takeInvite(service));
	Object.defineProperty(globalThis, "shoal", { value: shoal });
	return shoal;
}

const isInvite = (): boolean => location.hash.startsWith("#join=");

/** An invite in the address is stored before it is erased there, so that nothing is lost and nothing is left (M2). */
function takeInvite(service: Promise<Service>): void {
	const url = isInvite() ? location.href : undefined;
	const join = async (): Promise<void> => {
		const node = await service;
		if (url !== undefined) {
			await node.rememberInvite(url);
			history.replaceState(null, "", location.pathname + location.search);
		}
		await node.resumeJoin();
	};
	// The status tells how it goes; nobody awaits it here.
	join().catch((error: unknown) => console.info(messageOf(error)));
}

/** Asks the browser not to clear what somebody entrusted to this page; it may decline, and most never ask anybody. */
function keepStorage(): void {
	if (!("storage" in navigator)) return;
	navigator.storage.persist().catch(() => undefined);
}
