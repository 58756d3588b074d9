/** What is held, as the sync sees it. */
import type { Holdings } from "./holdings.ts";
import type { Intake } from "./intake.ts";
import { EMPTY_DIGEST } from "./space.ts";
import type { SyncSource } from "./sync.ts";

export function sourceOf(holdings: Holdings, intake: Intake): SyncSource {
	return {
		spaces: () => holdings.spaces(),
		digest: (space) => holdings.space(space)?.digest() ?? EMPTY_DIGEST,
		state: (space) => holdings.space(space)?.state(),
		heads: (space) => holdings.space(space)?.heads() ?? [],
		reach: (space, session) => intake.reach(space, session),
		base: (space, session) => holdings.log(space, session)?.base ?? 0,
		read: (space, session, seq) => holdings.log(space, session)?.bytesAt(seq),
		hashAt: (space, session, seq) => holdings.log(space, session)?.hashAt(seq),
		frozen: (space, session) => holdings.log(space, session)?.frozen,
		isSealed: (space) => holdings.isSealed(space),
	};
}
