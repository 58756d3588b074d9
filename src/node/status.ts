/** Everything a screen shows, put together from one swarm and what its page knows besides. */
import { builtinAgents } from "../agents/builtin.ts";
import type { DeviceId } from "../wire/ids.ts";
import type { Status } from "./api.ts";
import type { SwarmRuntime } from "./swarm.ts";

/** Which built-in agent does a skill. */
const agentOf: ReadonlyMap<string, string> = new Map(
	builtinAgents.flatMap(({ name, skills }) =>
		Object.keys(skills).map((skill): [string, string] => [skill, name]),
	),
);

/** What the swarm itself does not know. */
type PageStatus = Pick<
	Status,
	"me" | "relay" | "connections" | "notSaved" | "joining" | "cameFrom"
>;

export function statusOf(swarm: SwarmRuntime, page: PageStatus): Status {
	const { departures, faults, presence, research, row } = swarm;
	const nameOf = (device: DeviceId): string => presence.nameOf(device);
	const { removedBy } = departures;
	const working = workingAgents(swarm);
	return {
		...page,
		swarmName: row.name,
		peers: presence.peers(),
		members: presence.members(),
		agents: presence
			.agents()
			.map((info) => ({ ...info, working: working.get(info.agent) ?? 0 })),
		jobs: research.jobs(),
		warnings: [
			...(removedBy === undefined
				? []
				: [
						`${nameOf(removedBy)} removed this device from the swarm. What is here stays here; nothing new comes, and nothing that is done here goes out.`,
					]),
			...faults.sentences(nameOf),
		],
	};
}

/** How many tasks each agent has in hand, as far as leases tell. */
function workingAgents({ tasks }: SwarmRuntime): ReadonlyMap<string, number> {
	const working = new Map<string, number>();
	for (const { holder, job, task } of tasks.leases()) {
		const skill = tasks.status(job)?.tasks.get(task)?.skill;
		const name = skill === undefined ? undefined : agentOf.get(skill);
		if (name === undefined) continue;
		const agent = `${holder}/${name}`;
		working.set(agent, (working.get(agent) ?? 0) + 1);
	}
	return working;
}
