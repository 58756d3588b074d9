/** All targets. */
import type { Target } from "./target.ts";
import { actTargets } from "./targets/acts.ts";
import { detourTargets } from "./targets/detours.ts";
import { documentTargets } from "./targets/documents.ts";
import { draftTargets } from "./targets/drafts.ts";
import { epochTargets } from "./targets/epochs.ts";
import { meshTargets } from "./targets/mesh.ts";
import { pageTargets } from "./targets/page-api.ts";
import { relayTargets } from "./targets/relay.ts";
import { httpTargets } from "./targets/relay-http.ts";
import { replicaTargets } from "./targets/replica.ts";
import { taskTargets } from "./targets/tasks.ts";
import { wireTargets } from "./targets/wire.ts";

export const targets: readonly Target[] = [
	...wireTargets,
	...meshTargets,
	...replicaTargets,
	...actTargets,
	...taskTargets,
	...detourTargets,
	...epochTargets,
	...draftTargets,
	...relayTargets,
	...httpTargets,
	...pageTargets,
	...documentTargets,
];
