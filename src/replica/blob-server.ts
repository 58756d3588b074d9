/** Sends stored bodies to peers that ask: one at a time for each, in pieces, as fast as they take them (S12). */
import { BLOB_PIECE_BYTES } from "../wire/constants.ts";
import type { BlobId, PeerId } from "../wire/ids.ts";
import { encodeBlobMessage } from "./blob-messages.ts";
import type { BlobStore } from "./store.ts";

export interface BlobServerDeps {
	readonly store: BlobStore;
	send(to: PeerId, bytes: Uint8Array): Promise<void>;
	/** A piece was handed over. */
	onSent(to: PeerId, id: BlobId): void;
}

/** Bodies that one peer may ask for before the first is sent. */
const MAX_ASKED = 1_000;

interface Customer {
	readonly asked: Set<BlobId>;
	isServed: boolean;
}

export class BlobServer {
	readonly #deps: BlobServerDeps;
	readonly #customers = new Map<PeerId, Customer>();

	constructor(deps: BlobServerDeps) {
		this.#deps = deps;
	}

	async serve(to: PeerId, id: BlobId): Promise<void> {
		const customer = this.#customers.get(to) ?? {
			asked: new Set(),
			isServed: false,
		};
		this.#customers.set(to, customer);
		if (customer.asked.size >= MAX_ASKED) return;
		customer.asked.add(id);
		if (customer.isServed) return;
		customer.isServed = true;
		try {
			for (const next of customer.asked) {
				await this.#send(to, next, customer);
				customer.asked.delete(next);
			}
		} catch {
			// The link is gone; who wants the rest asks another peer.
			customer.asked.clear();
		}
		customer.isServed = false;
	}

	cancel(peer: PeerId, id: BlobId): void {
		this.#customers.get(peer)?.asked.delete(id);
	}

	linkDown(peer: PeerId): void {
		this.#customers.get(peer)?.asked.clear();
		this.#customers.delete(peer);
	}

	async #send(to: PeerId, id: BlobId, { asked }: Customer): Promise<void> {
		const { store, send, onSent } = this.#deps;
		const body = await store.get(id);
		if (body === undefined) {
			await send(to, encodeBlobMessage({ kind: "none", id }));
			return;
		}
		let offset = 0;
		do {
			if (!asked.has(id)) return;
			const bytes = body.subarray(offset, offset + BLOB_PIECE_BYTES);
			await send(
				to,
				encodeBlobMessage({
					kind: "piece",
					id,
					size: body.length,
					offset,
					bytes,
				}),
			);
			onSent(to, id);
			offset += bytes.length;
		} while (offset < body.length);
	}
}
