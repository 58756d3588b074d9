/**
 * Requests that are answered once, and events. Messages that wait for one page leave in one signed envelope (E5). A request in flight is said again when a link to its page comes back, and answered once, by its id; so is an answer of the
 * last seconds, which may have gone into a link that was dead for its asker only (L5).
 */
import type { Signer, Verifier } from "../identity/signer.ts";
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import {
	ANSWER_AGAIN_MS,
	MAX_ANSWERED,
	REQUEST_TIMEOUT_MS,
} from "../wire/constants.ts";
import {
	codeOf,
	type ErrorCode,
	messageOf,
	ShoalError,
} from "../wire/error.ts";
import type { PeerId, SwarmId } from "../wire/ids.ts";
import { matchesTopic } from "../wire/topics.ts";
import type { EpochWindow } from "./epoch-window.ts";
import {
	type EventMessage,
	isRequest,
	isResponse,
	type Message,
	openMessages,
	type RequestMessage,
	type ResponseMessage,
	RPC_ERROR,
	sealMessages,
} from "./messages.ts";
import { checkName, checkSendable } from "./sendable.ts";
import { traceparent } from "./trace.ts";

export interface MessengerDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly signer: Signer;
	readonly verifier: Verifier;
	readonly swarm: SwarmId;
	readonly epochs: EpochWindow;
	readonly self: PeerId;
	/** Rejects with `link-lost` where there is no link. */
	sendEnvelope(to: PeerId, envelope: Uint8Array): Promise<void>;
	/** A link to it is up, or it was heard of and may come back. */
	isReachable(to: PeerId): boolean;
	linked(): readonly PeerId[];
	onOffence(from: PeerId, code: ErrorCode): void;
}

export interface ReceivedEvent {
	readonly topic: string;
	readonly data: unknown;
	readonly from: PeerId;
	readonly traceparent: string;
}

/** Messages that may share an envelope, and the body above which one travels alone. */
const MAX_BATCH = 256;
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_BATCHED_BODY = 16 * 1024;

type Answer = (params: unknown, from: PeerId, trace: string) => unknown;

interface Pending {
	readonly to: PeerId;
	readonly message: RequestMessage;
	readonly settle: (response: ResponseMessage | ShoalError) => void;
}

/** What was asked, so that a request said twice is done once. */
interface Asked {
	readonly from: PeerId;
	readonly response: Promise<ResponseMessage>;
	/** When it was answered to the last asking; -Infinity while it is worked on. */
	answeredAt: number;
}

export class Messenger {
	readonly #deps: MessengerDeps;
	readonly #handlers = new Map<string, Answer>();
	readonly #ageless = new Set<string>();
	readonly #subscriptions = new Set<{
		readonly pattern: string;
		readonly listener: (event: ReceivedEvent) => void;
	}>();
	readonly #pending = new Map<string, Pending>();
	/** By asker and id, oldest first. */
	readonly #asked = new Map<string, Asked>();
	readonly #outbox = new Map<PeerId, Message[]>();

	constructor(deps: MessengerDeps) {
		this.#deps = deps;
		this.handle("ping", () => "pong");
	}

	/**
	 * Asks another page.
	 *
	 * @throws ShoalError `bad-input` for what is not plain data, `no-such-peer`, `timeout`, or whatever code the other end answered with
	 */
	async request(
		to: PeerId,
		method: string,
		params: unknown = null,
		options: { readonly timeoutMs?: number; readonly parent?: string } = {},
	): Promise<unknown> {
		const { clock, random, self, isReachable } = this.#deps;
		checkName(method);
		checkSendable(params);
		const trace = traceparent(random, options.parent);
		const id = toHex(random.bytes(12));
		const message = { id, method, params: params ?? null, trace };
		if (to === self) return unwrap(await this.#answer(message, self));
		if (!isReachable(to))
			throw new ShoalError(
				"no-such-peer",
				"That page is not in the swarm now.",
			);
		const response = await new Promise<ResponseMessage | ShoalError>(
			(resolve) => {
				const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
				// Scripts choose it, and timers count no further than that.
				const timeout = Math.min(timeoutMs, MAX_TIMER_MS) || 0;
				const cancel = clock.after(timeout, () =>
					settle(
						new ShoalError("timeout", `No answer within ${timeout / 1000} s.`),
					),
				);
				const settle = (outcome: ResponseMessage | ShoalError): void => {
					cancel();
					this.#pending.delete(id);
					resolve(outcome);
				};
				this.#pending.set(id, { to, message, settle });
				this.#post(to, message);
			},
		);
		if (response instanceof ShoalError) throw response;
		return unwrap(response);
	}

	/**
	 * Answers a method; one handler a method. Returns its removal.
	 *
	 * @param isAgeless asked and answered by pages of whatever epoch: for who has yet to hear of the present one (M3)
	 */
	handle(method: string, answer: Answer, isAgeless = false): () => void {
		this.#handlers.set(method, answer);
		if (isAgeless) this.#ageless.add(method);
		return () => this.#handlers.delete(method);
	}

	/**
	 * Tells every linked page and the subscribers of this one.
	 *
	 * @throws ShoalError `bad-input` for what is no topic, or not plain data; `too-large`
	 */
	publish(topic: string, data: unknown, parent?: string): void {
		checkName(topic);
		checkSendable(data ?? null);
		const trace = traceparent(this.#deps.random, parent);
		const event: EventMessage = {
			method: "event",
			params: { topic, data: data ?? null },
			trace,
		};
		for (const peer of this.#deps.linked()) this.#post(peer, event);
		this.#deliver(event, this.#deps.self);
	}

	subscribe(
		pattern: string,
		listener: (event: ReceivedEvent) => void,
	): () => void {
		const subscription = { pattern, listener };
		this.#subscriptions.add(subscription);
		return () => this.#subscriptions.delete(subscription);
	}

	/**
	 * Says again what is still unanswered, and what was answered a moment ago: the asker may have had another link already
	 * while this end answered over one that it had let go of.
	 */
	linkUp(peer: PeerId): void {
		for (const { to, message } of this.#pending.values())
			if (to === peer) this.#post(peer, message);
		const since = this.#deps.clock.now() - ANSWER_AGAIN_MS;
		for (const { from, response, answeredAt } of this.#asked.values())
			if (from === peer && answeredAt >= since)
				void response.then((answer) => this.#post(peer, answer));
	}

	/** The peer said bye: nobody will answer. */
	gone(peer: PeerId): void {
		for (const { to, settle } of [...this.#pending.values()])
			if (to === peer)
				settle(new ShoalError("no-such-peer", "That page was closed."));
	}

	/** Takes one envelope of a linked page; resolves when it is worked in. */
	async receive(from: PeerId, envelope: Uint8Array): Promise<void> {
		const { verifier, swarm, epochs, self, onOffence } = this.#deps;
		try {
			const opened = await openMessages(verifier, swarm, self, envelope);
			if (opened.from !== from)
				throw new ShoalError("bad-signature", "signed by somebody else");
			const bound: Message[] = [];
			for (const message of opened.messages)
				if (this.#isAgeless(message)) this.#take(from, message);
				else bound.push(message);
			epochs.when(opened.epoch, () => {
				for (const message of bound) this.#take(from, message);
			});
		} catch (error) {
			onOffence(from, codeOf(error) ?? "malformed");
		}
	}

	stop(): void {
		for (const { settle } of [...this.#pending.values()])
			settle(new ShoalError("closed", "This page has left the swarm."));
	}

	#isAgeless(message: Message): boolean {
		const asked = isResponse(message)
			? this.#pending.get(message.id)?.message
			: message;
		return (
			asked !== undefined && isRequest(asked) && this.#ageless.has(asked.method)
		);
	}

	#take(from: PeerId, message: Message): void {
		if (isRequest(message)) {
			const key = `${from} ${message.id}`;
			const asked = this.#asked.get(key) ?? {
				from,
				response: this.#answer(message, from),
				answeredAt: Number.NEGATIVE_INFINITY,
			};
			this.#remember(key, asked);
			void asked.response.then((response) => {
				asked.answeredAt = this.#deps.clock.now();
				this.#post(from, response);
			});
		} else if (isResponse(message)) {
			const pending = this.#pending.get(message.id);
			if (pending?.to === from) pending.settle(message);
		} else this.#deliver(message, from);
	}

	#remember(key: string, asked: Asked): void {
		this.#asked.delete(key);
		this.#asked.set(key, asked);
		if (this.#asked.size > MAX_ANSWERED)
			for (const oldest of this.#asked.keys()) {
				this.#asked.delete(oldest);
				break;
			}
	}

	async #answer(
		{ id, method, params, trace }: RequestMessage,
		from: PeerId,
	): Promise<ResponseMessage> {
		try {
			const handler = this.#handlers.get(method);
			if (handler === undefined)
				throw new ShoalError(
					"no-such-method",
					`Nobody here answers "${method}".`,
				);
			const result = (await handler(params, from, trace)) ?? null;
			checkSendable(result);
			return { id, result, trace };
		} catch (error) {
			const code = codeOf(error) ?? "agent-failed";
			const message = messageOf(error).slice(0, 2000);
			return {
				id,
				error: { code: RPC_ERROR, message, data: { code } },
				trace,
			};
		}
	}

	#deliver(event: EventMessage, from: PeerId): void {
		const { topic, data } = event.params;
		for (const { pattern, listener } of [...this.#subscriptions])
			if (matchesTopic(pattern, topic))
				listener({ topic, data, from, traceparent: event.trace });
	}

	#post(to: PeerId, message: Message): void {
		const queued = this.#outbox.get(to);
		if (queued !== undefined) {
			queued.push(message);
			return;
		}
		this.#outbox.set(to, [message]);
		queueMicrotask(() => void this.#flush(to));
	}

	/**
	 * What is posted while an envelope is being signed goes into the next one: the busier a link, the fewer signatures
	 * a message costs (E5). Nobody waits for an envelope to leave, so that a long one does not hold up the short.
	 */
	async #flush(to: PeerId): Promise<void> {
		for (;;) {
			const queued = this.#outbox.get(to) ?? [];
			const batch = queued.splice(0, batchOf(queued));
			if (batch.length === 0) break;
			await this.#seal(to, batch);
		}
		this.#outbox.delete(to);
	}

	/** A lost link is no error here: requests are said again, and who waits has a timeout. */
	async #seal(to: PeerId, messages: readonly Message[]): Promise<void> {
		const { sendEnvelope } = this.#deps;
		const failed = (error: unknown): void => {
			if (codeOf(error) === "link-lost") return;
			if (messages.length === 1) this.#refuse(messages, error);
			else for (const message of messages) this.#retryAlone(to, message);
		};
		try {
			const envelope = await this.#sign(to, messages);
			sendEnvelope(to, envelope).catch(failed);
		} catch (error) {
			failed(error);
		}
	}

	#sign(to: PeerId, messages: readonly Message[]): Promise<Uint8Array> {
		const { signer, swarm, epochs } = this.#deps;
		return sealMessages(signer, { swarm, epoch: epochs.current }, to, messages);
	}

	/** One message that cannot be encoded must not take its neighbours with it. */
	#retryAlone(to: PeerId, message: Message): void {
		void this.#sign(to, [message])
			.then((envelope) => this.#deps.sendEnvelope(to, envelope))
			.catch((error: unknown) => {
				if (codeOf(error) !== "link-lost") this.#refuse([message], error);
			});
	}

	#refuse(messages: readonly Message[], error: unknown): void {
		const refusal =
			error instanceof ShoalError
				? error
				: new ShoalError("bad-input", messageOf(error));
		for (const message of messages)
			if ("id" in message) this.#pending.get(message.id)?.settle(refusal);
	}
}

/** How many of the messages that wait go into one envelope: all that are short, up to a long one, which goes alone. */
function batchOf(queued: readonly Message[]): number {
	const long = queued.findIndex((message) => isLong(message));
	return Math.min(MAX_BATCH, long === -1 ? queued.length : Math.max(1, long));
}

/** A guess from what is cheap to see. What it misses makes one envelope longer, no more. */
function isLong(message: Message): boolean {
	const body = isResponse(message)
		? message.result
		: isRequest(message)
			? message.params
			: message.params.data;
	return (
		(body instanceof Uint8Array || typeof body === "string") &&
		body.length > MAX_BATCHED_BODY
	);
}

function unwrap(response: ResponseMessage): unknown {
	if (response.error === undefined) return response.result;
	throw new ShoalError(
		response.error.data.code as ErrorCode,
		response.error.message,
	);
}
