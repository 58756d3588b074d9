/** Records of one small job, as a board would show them. */
import { hashOf } from "../../../src/tasks/plain.ts";
import {
	type BoardFact,
	failKey,
	resultKey,
	specKey,
	taskIdOf,
} from "../../../src/tasks/records.ts";

export const JOB = "a".repeat(32);
const peers = ["1", "2", "3"].map((digit) => digit.repeat(64));
export const peerOf = (index: number): string => peers[index] ?? "0".repeat(64);
const deviceOf = (index: number): string => `did:key:z${index}`;

export const by = (peer: number, key: string, value: unknown): BoardFact => ({
	key,
	value,
	peer: peerOf(peer),
	device: deviceOf(peer),
});

export const jobFact = (peer = 0): BoardFact =>
	by(peer, "job", {
		kind: "test",
		title: "A test",
		submitter: peerOf(peer),
		createdAt: 1,
		start: { topic: "go", data: { n: 3 } },
		mode: "converge",
	});

export const taskOf = (input: unknown): string =>
	taskIdOf(JOB, "rule", "skill", input);
export const specFact = (
	peer: number,
	input: unknown,
	topic = "done",
): BoardFact =>
	by(peer, specKey(taskOf(input)), {
		rule: "rule",
		skill: "skill",
		input,
		topic,
	});
export const resultFact = (
	peer: number,
	input: unknown,
	attempt: number,
	output: unknown,
): BoardFact =>
	by(peer, resultKey(taskOf(input), attempt), {
		output,
		hash: hashOf(output),
		agent: "tester",
		ms: 5,
	});
export const failFact = (
	peer: number,
	input: unknown,
	attempt: number,
): BoardFact =>
	by(peer, failKey(taskOf(input), attempt), {
		code: "agent-failed",
		message: `attempt ${attempt} of peer ${peer}`,
		agent: "tester",
	});
