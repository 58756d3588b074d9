/** What a page needs once it is in a swarm; `late.ts` tells when it comes. */
export { documentsOf } from "../documents/library.ts";
export { createGenesis } from "../replica/genesis.ts";
export { statusOf } from "./status.ts";
export { storedFacts } from "./stored-facts.ts";
export { SwarmRuntime } from "./swarm.ts";
