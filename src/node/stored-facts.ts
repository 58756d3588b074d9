/** A look into a swarm that is not the active one: what this device has stored of it, without waking it. */
import { createReplica } from "../replica/replica.ts";
import type { Fact } from "../replica/types.ts";
import { SWARM_SPACE } from "../wire/ids.ts";
import type { NodePorts, SwarmRow } from "./ports.ts";
import type { Session } from "./session.ts";

/** The facts of the swarm's own space. */
export async function storedFacts(
	ports: NodePorts,
	session: Session,
	row: SwarmRow,
): Promise<readonly Fact[]> {
	const nothing = (): void => undefined;
	const replica = createReplica({
		swarm: row.swarm,
		signer: session.signer,
		certificate: session.certificate,
		fence: session.fence,
		verifier: ports.suite,
		store: ports.entries,
		clock: ports.clock,
		random: ports.random,
		send: async () => undefined,
		onOffence: nothing,
		onNotSaved: nothing,
		onOwnLogLonger: nothing,
	});
	await replica.start();
	const facts = replica.facts(SWARM_SPACE);
	await replica.stop();
	return facts;
}
