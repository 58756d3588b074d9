/**
 * Trusted Types: with `require-trusted-types-for 'script'` a worker or service worker may only be started from a URL
 * that the `default` policy let pass (X2, facts V7). Called first on the page and in each worker that starts workers.
 */

interface PolicyFactory {
	readonly defaultPolicy: unknown;
	createPolicy(
		name: string,
		rules: { createScriptURL(url: string): string },
	): unknown;
}

/**
 * Whether a script may be loaded from `url`: the own origin, or a blob this origin made.
 * @param base - the URL that relative ones are resolved against, usually `location.href`
 */
export function isOwnScript(url: string, base: string): boolean {
	if (!URL.canParse(url, base)) return false;
	const target = new URL(url, base);
	const own = new URL(base).origin;
	return (
		target.origin === own &&
		(target.protocol === "https:" ||
			target.protocol === "http:" ||
			target.protocol === "blob:")
	);
}

/**
 * Creates the `default` policy: script URLs of the own origin pass, everything else (foreign scripts, HTML, code in
 * strings) throws. Does nothing where the browser has no Trusted Types, or where the policy is there already.
 */
export function installTrustedTypes(): void {
	const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
	if (factory === undefined || factory.defaultPolicy !== null) return;
	factory.createPolicy("default", {
		createScriptURL(url) {
			if (isOwnScript(url, location.href)) return url;
			throw new TypeError(`A script of another origin was refused: ${url}`);
		},
	});
}
