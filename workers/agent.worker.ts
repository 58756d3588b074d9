/** Entry of an agent's worker: runs skills of the built-in agents, one call at a time. */
import { expose } from "comlink";
import { builtinAgents } from "../src/agents/builtin.ts";
import { createSkillRunner } from "../src/agents/runner.ts";
import { keepErrorCodes } from "../src/platform/comlink-errors.ts";

keepErrorCodes();
expose(createSkillRunner(builtinAgents));
