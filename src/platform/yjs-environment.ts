/**
 * What Yjs needs of `lib0/environment`, as a browser gives it. The original finds out whether it runs in Node, which
 * colours a terminal has and what the address says. `vite.config.ts` puts this in its place.
 */

export const isBrowser = true;

/** There are no environment variables in a browser: Yjs runs as in production. */
export const getVariable = (): null => null;
