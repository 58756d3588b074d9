/** The agents that every page offers. */
import { type AgentDefinition, defineAgent } from "./define.ts";
import { researchAgents } from "./research/agents.ts";

export const builtinAgents: readonly AgentDefinition[] =
	researchAgents.map(defineAgent);
