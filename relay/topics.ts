/** The router: who has subscribed to what, and who gets a published frame. It knows no socket and no clock. */
import type { ClientFrame, RefusalCode } from "./frames.ts";
import { pongFrame, publishedFrame } from "./frames.ts";
import type { Limits } from "./limits.ts";

/** What the router wants done. */
export interface Outlet<Member> {
	/** @param bytes - of the frame, where they are known */
	deliver(to: Member, frame: string, bytes?: number): void;
	/** Whether the publisher can pay for this many bytes handed on. Taken from its allowance when it can. */
	afford(from: Member, bytes: number): boolean;
}

type TopicLimits = Pick<
	Limits,
	"topicNameLength" | "topicsPerConnection" | "membersPerTopic"
>;

/** `Member` is whatever stands for a connection; it is compared by identity. */
export class Topics<Member extends object> {
	readonly #limits: TopicLimits;
	readonly #outlet: Outlet<Member>;
	/** No topic is kept without members. */
	readonly #members = new Map<string, Set<Member>>();
	readonly #topics = new Map<Member, Set<string>>();

	constructor(limits: TopicLimits, outlet: Outlet<Member>) {
		this.#limits = limits;
		this.#outlet = outlet;
	}

	/** Topics that have a member. */
	get size(): number {
		return this.#members.size;
	}

	/**
	 * Does what a frame asks for. Of a subscription that goes too far, what fits is done.
	 * @returns why the frame, or the first refused part of it, was not taken
	 */
	receive(from: Member, frame: ClientFrame): RefusalCode | undefined {
		switch (frame.type) {
			case "subscribe": {
				const refusals = frame.topics.map((topic) =>
					this.#subscribe(from, topic),
				);
				return refusals.find((refusal) => refusal !== undefined);
			}
			case "unsubscribe":
				for (const topic of frame.topics) this.#unsubscribe(from, topic);
				return undefined;
			case "publish":
				return this.#publish(from, frame.topic, frame.frame);
			case "ping":
				this.#outlet.deliver(from, pongFrame);
				return undefined;
			case "other":
				return undefined;
		}
	}

	/** Forgets a member. */
	leave(member: Member): void {
		for (const topic of this.#topics.get(member) ?? [])
			this.#unsubscribe(member, topic);
	}

	#subscribe(member: Member, topic: string): RefusalCode | undefined {
		if (topic === "" || topic.length > this.#limits.topicNameLength)
			return "topic-name";
		const own = this.#topics.get(member) ?? new Set();
		if (own.has(topic)) return undefined;
		if (own.size >= this.#limits.topicsPerConnection) return "too-many-topics";
		const members = this.#members.get(topic) ?? new Set();
		if (members.size >= this.#limits.membersPerTopic) return "topic-full";
		this.#topics.set(member, own.add(topic));
		this.#members.set(topic, members.add(member));
		return undefined;
	}

	#unsubscribe(member: Member, topic: string): void {
		const members = this.#members.get(topic);
		members?.delete(member);
		if (members?.size === 0) this.#members.delete(topic);
		const own = this.#topics.get(member);
		own?.delete(topic);
		if (own?.size === 0) this.#topics.delete(member);
	}

	/** As y-webrtc's server: to every member, the publisher too where it is one, with their number as `clients`. */
	#publish(
		from: Member,
		topic: string,
		frame: Readonly<Record<string, unknown>>,
	): RefusalCode | undefined {
		const members = this.#members.get(topic);
		if (members === undefined) return undefined;
		const text = publishedFrame(frame, members.size);
		if (text === undefined) return "malformed";
		const bytes = Buffer.byteLength(text);
		if (!this.#outlet.afford(from, bytes * members.size)) return "slow-down";
		// A copy: delivering may drop a slow reader, which leaves.
		for (const member of [...members])
			this.#outlet.deliver(member, text, bytes);
		return undefined;
	}
}
