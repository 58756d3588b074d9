/** The relay: frames of a client that says what it likes, beside one that does not. */
import { decodeFrame } from "../../../relay/frames.ts";
import { Hub } from "../../../relay/hub.ts";
import { defaultLimits } from "../../../relay/limits.ts";
import { utf8 } from "../../../src/wire/bytes.ts";
import { ensure, type Target, texts } from "../target.ts";

const relay: Target = {
	name: "relay",
	begin() {
		const frames = [
			{ type: "subscribe", topics: ["honest", "a", "b"] },
			{ type: "unsubscribe", topics: ["a"] },
			{ type: "publish", topic: "honest", from: "f", data: "AAAA" },
			{ type: "publish", topic: "a", data: { deep: [1, [2, [3]]] } },
			{ type: "ping" },
		];
		return {
			inputs: frames.map((frame) => utf8(JSON.stringify(frame))),
			tokens: texts(
				'{"',
				"[",
				"]",
				"}",
				'"topic":',
				'"type":"publish",',
				",",
				"\\u0000",
			),
			take(input) {
				const hub = new Hub(defaultLimits, () => 0);
				const heard: string[] = [];
				const join = (into: string[]) =>
					hub.admit("::1", {
						send: (frame) => into.push(frame),
						buffered: () => 0,
						drop: () => undefined,
					});
				const honest = join(heard);
				const hostile = join([]);
				honest.receive('{"type":"subscribe","topics":["honest"]}');
				const text = new TextDecoder().decode(input);
				const refusal = hostile.receive(text);
				for (const frame of heard) {
					const read = decodeFrame(frame);
					ensure(
						read?.type === "publish" && read.topic === "honest",
						"the relay made something else of a frame",
					);
					ensure(!frame.includes("\n"), "a frame of more than one line");
				}
				const before = heard.length;
				honest.receive('{"type":"publish","topic":"honest","data":"mine"}');
				ensure(heard.length === before + 1, "the other client was harmed");
				hostile.leave();
				honest.leave();
				const { connections, topics } = hub.kept;
				ensure(connections === 0 && topics === 0, "something was kept");
				return refusal ?? "accepted";
			},
		};
	},
};

export const relayTargets: readonly Target[] = [relay];
