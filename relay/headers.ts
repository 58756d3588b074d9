/** The headers of every answer: what the page may do, said by the server so that no injected script can take it back (X2). */

/**
 * No inline script, no eval, no other origin; DOM sinks take Trusted Types only, and only the `default` policy exists.
 * `'self'` covers the relay's WebSocket, which has the page's own host and port. `data:` and `blob:` images are QR codes
 * and pictures out of documents, which cannot run.
 */
const contentSecurityPolicy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"connect-src 'self'",
	"worker-src 'self'",
	"manifest-src 'self'",
	"frame-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types default",
].join("; ");

/** Everything a page could ask a browser for and this one does not need. The camera reads QR codes. */
const permissionsPolicy = [
	"camera=(self)",
	"clipboard-write=(self)",
	"screen-wake-lock=(self)",
	...[
		"accelerometer",
		"browsing-topics",
		"display-capture",
		"geolocation",
		"gyroscope",
		"magnetometer",
		"microphone",
		"midi",
		"payment",
		"serial",
		"usb",
	].map((feature) => `${feature}=()`),
].join(", ");

/** On every answer, errors and scripts too: a worker lives under the policy of its own script's answer. */
export const securityHeaders: Readonly<Record<string, string>> = {
	"Content-Security-Policy": contentSecurityPolicy,
	"Permissions-Policy": permissionsPolicy,
	"Referrer-Policy": "no-referrer",
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Origin-Agent-Cluster": "?1",
};
