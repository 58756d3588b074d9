/** Content-addressed bodies: kept here, fetched from peers, checked by their hash (S12). */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import { BLOB_STALL_MS, MAX_BULK_BYTES } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import { type BlobId, isHashId, type PeerId } from "../wire/ids.ts";
import { decodeBlobMessage, encodeBlobMessage } from "./blob-messages.ts";
import { BlobServer } from "./blob-server.ts";
import { BlobTransfer } from "./blob-transfer.ts";
import type { BlobStore } from "./store.ts";

export interface BlobsDeps {
	readonly store: BlobStore;
	/** Sends one message of the bulk class; resolves when there is room for more. */
	send(to: PeerId, bytes: Uint8Array): Promise<void>;
	readonly clock: Clock;
	readonly random: Random;
	/** Peers that are linked and awake. */
	peers(): readonly PeerId[];
}

export interface Blobs {
	/** Stores a body. @throws ShoalError `too-large` above 256 MiB, `not-saved` */
	add(bytes: Uint8Array): Promise<BlobId>;
	/**
	 * The body: the stored one, else from linked peers in turn, and then stored.
	 *
	 * @param options.from who to ask first.
	 * @throws ShoalError `not-available` where nobody has it, `aborted`, `bad-input`
	 */
	get(
		id: BlobId,
		options?: {
			readonly signal?: AbortSignal;
			readonly from?: readonly PeerId[];
		},
	): Promise<Uint8Array>;
	/** Whether it is stored here. */
	has(id: BlobId): Promise<boolean>;
	/**
	 * Puts a copy on another device: it fetches the body and stores it. Resolves when it says so.
	 *
	 * @throws ShoalError `not-available`, `link-lost`, `timeout`
	 */
	offer(id: BlobId, to: PeerId): Promise<void>;
	/** Takes one message of the bulk class. Never throws on what it was sent. */
	receive(from: PeerId, bytes: Uint8Array): void;
	linkDown(peer: PeerId): void;
}

/** Offers of one peer that are fetched at once. */
const MAX_FETCHED_AT_ONCE = 16;
/** Offers of one peer that wait their turn; more are let go, and offered again by who needs it. */
const MAX_OFFERED = 10_000;

/** What one peer offers us. */
interface Offered {
	readonly running: Set<BlobId>;
	readonly waiting: Set<BlobId>;
}

export function createBlobs(deps: BlobsDeps): Blobs {
	return new PeerBlobs(deps);
}

interface Offer {
	resolve(): void;
	reject(error: ShoalError): void;
	/** Sent or asked for lately. */
	touch(): void;
}

class PeerBlobs implements Blobs {
	readonly #deps: BlobsDeps;
	readonly #server: BlobServer;
	readonly #transfers = new Map<BlobId, BlobTransfer>();
	/** Ours, by peer and id. */
	readonly #offers = new Map<string, Offer>();
	/** Theirs. */
	readonly #offered = new Map<PeerId, Offered>();

	constructor(deps: BlobsDeps) {
		this.#deps = deps;
		this.#server = new BlobServer({
			store: deps.store,
			send: deps.send,
			onSent: (to, id) => this.#offers.get(nameOf(to, id))?.touch(),
		});
	}

	async add(bytes: Uint8Array): Promise<BlobId> {
		if (bytes.length > MAX_BULK_BYTES)
			throw new ShoalError("too-large", "A body may be up to 256 MiB.");
		const id = toHex(sha256(bytes));
		if (!(await this.#deps.store.has(id)))
			await this.#deps.store.put(id, bytes);
		return id;
	}

	async get(
		id: BlobId,
		{
			signal,
			from = [],
		}: {
			readonly signal?: AbortSignal;
			readonly from?: readonly PeerId[];
		} = {},
	): Promise<Uint8Array> {
		if (!isHashId(id)) throw new ShoalError("bad-input", "not a blob's id");
		if (signal?.aborted) throw aborted();
		const stored = await this.#deps.store.get(id);
		if (stored !== undefined) return stored;
		if (signal?.aborted) throw aborted();
		return this.#transfer(id, from).wait(signal);
	}

	has(id: BlobId): Promise<boolean> {
		return this.#deps.store.has(id);
	}

	async offer(id: BlobId, to: PeerId): Promise<void> {
		if (!(await this.has(id)))
			throw new ShoalError("not-available", "This body is not stored here.");
		const name = nameOf(to, id);
		const { clock, send } = this.#deps;
		return new Promise((resolve, reject) => {
			let cancel = (): void => undefined;
			const settle = (): void => {
				cancel();
				this.#offers.delete(name);
			};
			const before = this.#offers.get(name);
			const offer: Offer = {
				resolve: () => {
					settle();
					before?.resolve();
					resolve();
				},
				reject: (error) => {
					settle();
					before?.reject(error);
					reject(error);
				},
				touch: () => {
					cancel();
					cancel = clock.after(2 * BLOB_STALL_MS, () =>
						offer.reject(
							new ShoalError("timeout", "The other device took no copy."),
						),
					);
				},
			};
			this.#offers.set(name, offer);
			offer.touch();
			send(to, encodeBlobMessage({ kind: "offer", id })).catch(() =>
				offer.reject(new ShoalError("link-lost", "The other device is gone.")),
			);
		});
	}

	receive(from: PeerId, bytes: Uint8Array): void {
		let message: ReturnType<typeof decodeBlobMessage>;
		try {
			message = decodeBlobMessage(bytes);
		} catch {
			return; // nothing was asked for that looks like this
		}
		const { id } = message;
		switch (message.kind) {
			case "ask":
				this.#offers.get(nameOf(from, id))?.touch();
				void this.#server.serve(from, id);
				break;
			case "cancel":
				this.#server.cancel(from, id);
				break;
			case "none":
				this.#transfers.get(id)?.none(from);
				break;
			case "piece":
				this.#transfers.get(id)?.piece(from, message);
				break;
			case "offer":
				this.#takeOffer(from, id);
				break;
			case "kept":
				this.#offers.get(nameOf(from, id))?.resolve();
				break;
		}
	}

	linkDown(peer: PeerId): void {
		this.#server.linkDown(peer);
		this.#offered.delete(peer);
		for (const transfer of [...this.#transfers.values()])
			transfer.linkDown(peer);
		const gone = new ShoalError("link-lost", "The other device is gone.");
		for (const [name, offer] of [...this.#offers])
			if (name.startsWith(peer)) offer.reject(gone);
	}

	/** The one transfer of a body; all who want it wait for the same. */
	#transfer(id: BlobId, from: readonly PeerId[]): BlobTransfer {
		const known = this.#transfers.get(id);
		if (known !== undefined) {
			known.suggest(from);
			return known;
		}
		const { clock, random, send, peers, store } = this.#deps;
		const transfer = new BlobTransfer(id, from, {
			clock,
			random,
			send,
			peers,
			store,
			onEnd: () => this.#transfers.delete(id),
		});
		this.#transfers.set(id, transfer);
		transfer.start();
		return transfer;
	}

	/** Fetches what a peer offers, a few bodies at a time; the others wait their turn. */
	#takeOffer(from: PeerId, id: BlobId): void {
		const offered: Offered = this.#offered.get(from) ?? {
			running: new Set(),
			waiting: new Set(),
		};
		this.#offered.set(from, offered);
		const { running, waiting } = offered;
		if (running.has(id)) return;
		if (running.size < MAX_FETCHED_AT_ONCE) {
			running.add(id);
			void this.#fetchOffered(from, id).finally(() => {
				running.delete(id);
				const [next] = waiting;
				if (next === undefined || this.#offered.get(from) !== offered) return;
				waiting.delete(next);
				this.#takeOffer(from, next);
			});
		} else if (waiting.size < MAX_OFFERED) waiting.add(id);
	}

	async #fetchOffered(from: PeerId, id: BlobId): Promise<void> {
		try {
			await this.get(id, { from: [from] });
			if (await this.has(id))
				await this.#deps.send(from, encodeBlobMessage({ kind: "kept", id }));
		} catch {
			// The one who offers hears nothing, and offers it elsewhere.
		}
	}
}

const nameOf = (peer: PeerId, id: BlobId): string => `${peer} ${id}`;

const aborted = (): ShoalError =>
	new ShoalError("aborted", "The transfer was called off.");
