/** Names that the page and its build agree on. */

/** The service worker, at the root so that its scope is the whole page. */
export const SERVICE_WORKER = "/service.worker.js";
/** A JSON list of every hashed file of the build. */
export const ASSET_LIST = "/assets.json";
