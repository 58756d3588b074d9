/**
 * The formats that a schema's `format` is checked against: none. In JSON Schema 2020-12 it is an annotation, and a result
 * must count on all devices or on none, whichever version of a validator knows which formats. The validator's own table is
 * as large as all else in it; `vite.config.ts` puts this in its place.
 */
export const format: Readonly<Record<string, never>> = {};
