/** Fetches one body: asks peers in turn until one sends it whole and right (S12). */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, toHex } from "../wire/bytes.ts";
import type { Clock, Random } from "../wire/clock.ts";
import { BLOB_PIECE_BYTES, BLOB_STALL_MS } from "../wire/constants.ts";
import { ShoalError } from "../wire/error.ts";
import type { BlobId, PeerId } from "../wire/ids.ts";
import { type BlobMessage, encodeBlobMessage } from "./blob-messages.ts";
import type { BlobStore } from "./store.ts";

export interface TransferDeps {
	readonly clock: Clock;
	readonly random: Random;
	readonly store: BlobStore;
	send(to: PeerId, bytes: Uint8Array): Promise<void>;
	peers(): readonly PeerId[];
	/** It ended, well or not. */
	onEnd(): void;
}

interface Waiter {
	resolve(bytes: Uint8Array): void;
	reject(error: unknown): void;
}

export class BlobTransfer {
	readonly #id: BlobId;
	readonly #deps: TransferDeps;
	readonly #waiters = new Set<Waiter>();
	/** Whom to ask before all others. */
	readonly #preferred: PeerId[];
	readonly #asked = new Set<PeerId>();
	#peer: PeerId | undefined;
	#pieces: Uint8Array[] = [];
	#received = 0;
	#cancelTimer: () => void = () => undefined;
	#isOver = false;
	#hasFailed = false;

	constructor(id: BlobId, from: readonly PeerId[], deps: TransferDeps) {
		this.#id = id;
		this.#deps = deps;
		this.#preferred = [...from];
	}

	start(): void {
		this.#askNext();
	}

	/** More peers that have it. */
	suggest(from: readonly PeerId[]): void {
		this.#preferred.push(...from);
	}

	wait(signal?: AbortSignal): Promise<Uint8Array> {
		return new Promise((resolve, reject) => {
			const abort = (): void => {
				this.#waiters.delete(waiter);
				waiter.reject(
					new ShoalError("aborted", "The transfer was called off."),
				);
				if (this.#waiters.size === 0) this.#giveUp();
			};
			const waiter: Waiter = {
				resolve: (bytes) => {
					signal?.removeEventListener("abort", abort);
					resolve(bytes);
				},
				reject: (error) => {
					signal?.removeEventListener("abort", abort);
					reject(error);
				},
			};
			this.#waiters.add(waiter);
			signal?.addEventListener("abort", abort, { once: true });
			// Whoever was asked before somebody waited may have answered no already.
			if (this.#hasFailed) waiter.reject(notAvailable());
		});
	}

	none(from: PeerId): void {
		if (from === this.#peer) this.#askNext();
	}

	piece(
		from: PeerId,
		{ offset, size, bytes }: Extract<BlobMessage, { kind: "piece" }>,
	): void {
		if (from !== this.#peer || this.#isOver) return;
		// Only the last piece may be short: a body in crumbs would cost far more memory than its size.
		const isInOrder =
			offset === this.#received &&
			(bytes.length === BLOB_PIECE_BYTES || offset + bytes.length === size);
		if (!isInOrder) {
			this.#leave();
			return;
		}
		this.#pieces.push(bytes);
		this.#received += bytes.length;
		this.#watch();
		if (this.#received < size) return;
		const body = concatBytes(...this.#pieces);
		if (toHex(sha256(body)) === this.#id) this.#finish(body);
		else this.#askNext(); // it sent something else under this name
	}

	linkDown(peer: PeerId): void {
		if (peer === this.#peer) this.#askNext();
	}

	#finish(body: Uint8Array): void {
		this.#isOver = true;
		this.#cancelTimer();
		// A body that cannot be stored is still what was asked for.
		this.#deps.store
			.put(this.#id, body)
			.catch(() => undefined)
			.then(() => {
				this.#deps.onEnd();
				for (const { resolve } of this.#waiters) resolve(body);
			});
	}

	#askNext(): void {
		if (this.#isOver) return;
		this.#pieces = [];
		this.#received = 0;
		const peer = this.#nextPeer();
		this.#peer = peer;
		if (peer === undefined) {
			this.#hasFailed = true;
			this.#end();
			for (const { reject } of this.#waiters) reject(notAvailable());
			return;
		}
		this.#asked.add(peer);
		this.#watch();
		this.#deps
			.send(peer, encodeBlobMessage({ kind: "ask", id: this.#id }))
			.catch(() => this.linkDown(peer));
	}

	#nextPeer(): PeerId | undefined {
		const linked = this.#deps.peers().filter((peer) => !this.#asked.has(peer));
		const preferred = this.#preferred.find((peer) => linked.includes(peer));
		return (
			preferred ??
			linked[Math.floor(this.#deps.random.fraction() * linked.length)]
		);
	}

	/** Gives the peer up when it falls silent. */
	#watch(): void {
		this.#cancelTimer();
		this.#cancelTimer = this.#deps.clock.after(BLOB_STALL_MS, () =>
			this.#leave(),
		);
	}

	/** Tells the peer to stop, and asks another. */
	#leave(): void {
		this.#tellCancel();
		this.#askNext();
	}

	#giveUp(): void {
		if (this.#isOver) return;
		this.#tellCancel();
		this.#end();
	}

	#tellCancel(): void {
		if (this.#peer === undefined) return;
		this.#deps
			.send(this.#peer, encodeBlobMessage({ kind: "cancel", id: this.#id }))
			.catch(() => undefined); // then it is gone anyway
	}

	#end(): void {
		this.#isOver = true;
		this.#cancelTimer();
		this.#deps.onEnd();
	}
}

const notAvailable = (): ShoalError =>
	new ShoalError("not-available", "No device that is awake has this document.");
