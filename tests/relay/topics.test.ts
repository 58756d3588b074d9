/** The router alone: no socket, no clock. */
import { describe, expect, it } from "vitest";
import { type ClientFrame, decodeFrame } from "../../relay/frames.ts";
import { Topics } from "../../relay/topics.ts";

interface Page {
	readonly name: string;
}

function scene(limits: Partial<ConstructorParameters<typeof Topics>[0]> = {}) {
	const delivered: [string, unknown][] = [];
	let affordable = Number.POSITIVE_INFINITY;
	const topics = new Topics<Page>(
		{
			topicNameLength: 10,
			topicsPerConnection: 3,
			membersPerTopic: 3,
			...limits,
		},
		{
			deliver: (to, frame) => delivered.push([to.name, JSON.parse(frame)]),
			afford: (_, bytes) => bytes <= affordable,
		},
	);
	const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => ({ name }));
	if (!a || !b || !c || !d) throw new Error("four pages");
	return {
		...{ topics, delivered, a, b, c, d },
		allow: (bytes: number) => {
			affordable = bytes;
		},
	};
}

const subscribe = (...topics: string[]): ClientFrame => ({
	type: "subscribe",
	topics,
});
const publish = (topic: string, data: unknown): ClientFrame => ({
	type: "publish",
	topic,
	frame: { type: "publish", topic, data },
});

describe("routing", () => {
	it("hands a published frame to every member, the publisher included, with their number", () => {
		const { topics, delivered, a, b, c } = scene();
		topics.receive(a, subscribe("x"));
		topics.receive(b, subscribe("x", "y"));
		topics.receive(c, subscribe("y"));
		topics.receive(a, publish("x", 1));
		const frame = { type: "publish", topic: "x", data: 1, clients: 2 };
		expect(delivered).toEqual([
			["a", frame],
			["b", frame],
		]);
	});

	it("lets those publish who have not subscribed", () => {
		const { topics, delivered, a, b } = scene();
		topics.receive(b, subscribe("b"));
		topics.receive(a, publish("b", "hello"));
		expect(delivered.map(([to]) => to)).toEqual(["b"]);
	});

	it("counts a member once, however often it subscribes", () => {
		const { topics, delivered, a } = scene();
		topics.receive(a, subscribe("x", "x"));
		topics.receive(a, subscribe("x"));
		topics.receive(a, publish("x", 1));
		expect(delivered).toHaveLength(1);
	});

	it("keeps nothing of members that unsubscribed or left", () => {
		const { topics, delivered, a, b } = scene();
		topics.receive(a, subscribe("x", "y"));
		topics.receive(b, subscribe("x"));
		topics.receive(b, { type: "unsubscribe", topics: ["x", "never"] });
		topics.leave(a);
		topics.leave(a);
		topics.receive(a, publish("x", 1));
		expect(delivered).toEqual([]);
		expect(topics.size).toBe(0);
	});

	it("survives a member that leaves while it is handed a frame", () => {
		const delivered: string[] = [];
		const topics: Topics<Page> = new Topics<Page>(
			{ topicNameLength: 9, topicsPerConnection: 9, membersPerTopic: 9 },
			{
				deliver: (to) => {
					delivered.push(to.name);
					topics.leave(to);
				},
				afford: () => true,
			},
		);
		for (const name of ["a", "b", "c"])
			topics.receive({ name }, subscribe("x"));
		topics.receive({ name: "d" }, publish("x", 1));
		expect(delivered).toEqual(["a", "b", "c"]);
		expect(topics.size).toBe(0);
	});
});

describe("limits", () => {
	it("refuses topics beyond a connection's, keeping those it has", () => {
		const { topics, delivered, a } = scene();
		expect(topics.receive(a, subscribe("1", "2", "3", "4"))).toBe(
			"too-many-topics",
		);
		expect(topics.receive(a, subscribe("3"))).toBeUndefined();
		topics.receive(a, publish("4", 1));
		topics.receive(a, publish("3", 1));
		expect(delivered).toHaveLength(1);
	});

	it("gives a topic's place back", () => {
		const { topics, a } = scene({ topicsPerConnection: 1 });
		topics.receive(a, subscribe("1"));
		topics.receive(a, { type: "unsubscribe", topics: ["1"] });
		expect(topics.receive(a, subscribe("2"))).toBeUndefined();
	});

	it("refuses members beyond a topic's", () => {
		const { topics, a, b, c, d } = scene();
		for (const page of [a, b, c]) topics.receive(page, subscribe("x"));
		expect(topics.receive(d, subscribe("x"))).toBe("topic-full");
		topics.leave(a);
		expect(topics.receive(d, subscribe("x"))).toBeUndefined();
	});

	it.each(["", "12345678901"])("refuses the topic name %j", (name) => {
		const { topics, a } = scene();
		expect(topics.receive(a, subscribe(name))).toBe("topic-name");
		expect(topics.size).toBe(0);
	});

	it("does what fits of a subscription that goes too far", () => {
		const { topics, a } = scene();
		expect(topics.receive(a, subscribe("", "ok"))).toBe("topic-name");
		expect(topics.size).toBe(1);
	});

	it("drops a frame that its publisher cannot pay for, for all members alike", () => {
		const { topics, delivered, a, b, allow } = scene();
		topics.receive(a, subscribe("x"));
		topics.receive(b, subscribe("x"));
		allow(60);
		expect(topics.receive(a, publish("x", "0123456789"))).toBe("slow-down");
		expect(delivered).toEqual([]);
	});
});

describe("reading frames", () => {
	it.each([
		["", undefined],
		["null", undefined],
		["7", undefined],
		["[]", undefined],
		["{}", undefined],
		['{"type":7}', undefined],
		['{"type":"subscribe","topics":"x"}', undefined],
		['{"type":"publish"}', undefined],
		['{"type":"publish","topic":{}}', undefined],
		['{"type":"subscribe"}', { type: "subscribe", topics: [] }],
		[
			'{"type":"subscribe","topics":["x",1,null]}',
			{ type: "subscribe", topics: ["x"] },
		],
		['{"type":"__proto__"}', { type: "other" }],
		['{"type":"ping"}', { type: "ping" }],
	])("%s", (text, frame) => {
		expect(decodeFrame(text)).toEqual(frame);
	});

	it("hands on what it does not know, names that objects inherit included", () => {
		const { topics, a, delivered } = scene();
		topics.receive(a, subscribe("__proto__"));
		const text =
			'{"type":"publish","topic":"__proto__","__proto__":{"clients":7},"constructor":1}';
		const frame = decodeFrame(text);
		if (frame === undefined) throw new Error("a frame");
		topics.receive(a, frame);
		expect(JSON.stringify(delivered[0]?.[1])).toBe(
			'{"type":"publish","topic":"__proto__","__proto__":{"clients":7},"constructor":1,"clients":1}',
		);
	});

	it("refuses a frame too deep to be written again", () => {
		const { topics, a } = scene();
		topics.receive(a, subscribe("x"));
		const depth = 30_000;
		const text = `{"type":"publish","topic":"x","data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
		const frame = decodeFrame(text);
		expect(frame === undefined ? "malformed" : topics.receive(a, frame)).toBe(
			"malformed",
		);
	});
});
