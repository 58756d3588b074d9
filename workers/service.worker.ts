/** The service worker: keeps every file of the build, so that the page opens and works without its server. */
import {
	cleanupOutdatedCaches,
	matchPrecache,
	precacheAndRoute,
} from "workbox-precaching";

/** What of a service worker's global scope is used here; the project's types are a page's. */
interface ServiceWorkerScope {
	readonly __WB_MANIFEST: { url: string; revision: string | null }[];
	readonly location: Location;
	readonly clients: { claim(): Promise<void> };
	skipWaiting(): Promise<void>;
	addEventListener(
		type: "install" | "activate" | "fetch" | "message",
		listener: (event: ServiceWorkerEvent) => void,
	): void;
}
interface ServiceWorkerEvent extends Event {
	readonly data: unknown;
	readonly request: Request;
	waitUntil(done: Promise<unknown>): void;
	respondWith(answer: Promise<Response>): void;
}
declare const self: ServiceWorkerScope;

cleanupOutdatedCaches();

// Before the precache's own listener: the page itself, with any query. Other paths (the relay, its certificate) are
// the server's.
self.addEventListener("fetch", (event) => {
	if (event.request.mode !== "navigate") return;
	const { pathname } = new URL(event.request.url);
	if (pathname !== "/" && pathname !== "/index.html") return;
	event.respondWith(page(event.request));
});

precacheAndRoute(self.__WB_MANIFEST);

async function page(request: Request): Promise<Response> {
	return (await matchPrecache("/index.html")) ?? fetch(request);
}

// A new version waits until the page says that no work runs (see ui/shell/offline.ts).
self.addEventListener("message", (event) => {
	if (event.data === "activate") event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
	event.waitUntil(self.clients.claim());
});
