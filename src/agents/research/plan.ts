/** Skill of the planner. */
import { subquestionsOf } from "./question.ts";
import type { ResearchPlan } from "./records.ts";

/** Takes a question apart. */
export function plan(input: { readonly question: string }): ResearchPlan {
	return { subquestions: subquestionsOf(input.question) };
}
