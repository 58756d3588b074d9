/**
 * automerge-repo with IndexedDB, over one data channel: it has no WebRTC of its own, so it is given the bare channel
 * that the other benchmarks compare with. It checks nobody's authorship.
 */
import { automergeWasmBase64 } from "@automerge/automerge/automerge.wasm.base64";
import {
	type AnyDocumentId,
	Automerge,
	cbor,
	type DocHandle,
	initializeBase64Wasm,
	interpretAsDocumentId,
	type Message,
	NetworkAdapter,
	type PeerId,
	Repo,
} from "@automerge/automerge-repo/slim";
import { IndexedDBStorageAdapter } from "@automerge/automerge-repo-storage-indexeddb";
import { type Ends, openBareLink } from "./bare-link.ts";
import { meeting } from "./drive.ts";
import { AUTHORS, offer, writesOf } from "./records.ts";

type Shared = {
	records: Record<string, Automerge.ImmutableString>;
};

class ChannelAdapter extends NetworkAdapter {
	/** Once the other page said who it is: whoever looks for a document before that finds nobody to ask. */
	readonly #met: Promise<void>;
	#link: Parameters<Ends["linked"]>[0] | undefined;
	#other: PeerId | undefined;
	/** `send` cannot wait, so messages wait here while the channel is full. */
	#sending: Promise<void> = Promise.resolve();

	constructor() {
		super();
		let met = (): void => undefined;
		this.#met = new Promise((resolve) => {
			met = resolve;
		});
		openBareLink({
			linked: (link) => {
				this.#link = link;
				globalThis.linkedAt = performance.timeOrigin + performance.now();
				this.#arrive();
			},
			receive: (bytes) => {
				const message = cbor.decode(bytes) as Message;
				if (message.type === "arrive") {
					// Where another guest was linked, it is gone.
					if (this.#other !== undefined)
						this.emit("peer-disconnected", { peerId: this.#other });
					this.#other = message.senderId;
					this.emit("peer-candidate", {
						peerId: message.senderId,
						peerMetadata: {},
					});
					met();
				} else this.emit("message", message);
			},
		});
	}

	#arrive(): void {
		if (this.#link === undefined || this.peerId === undefined) return;
		this.send({
			type: "arrive",
			senderId: this.peerId,
			targetId: this.peerId,
		} as Message);
	}

	isReady(): boolean {
		return this.#other !== undefined;
	}

	whenReady(): Promise<void> {
		return this.#met;
	}

	connect(peerId: PeerId): void {
		this.peerId = peerId;
		this.#arrive();
	}

	send(message: Message): void {
		const bytes = Uint8Array.from(cbor.encode(message));
		this.#sending = this.#sending.then(() => this.#link?.send(bytes));
	}

	disconnect(): void {
		this.#link = undefined;
	}
}

await initializeBase64Wasm(automergeWasmBase64);
const repo = new Repo({
	network: [new ChannelAdapter()],
	storage: new IndexedDBStorageAdapter(),
	peerId: crypto.randomUUID() as string as PeerId,
});
const documentId = interpretAsDocumentId(meeting.room as AnyDocumentId);
let handle: DocHandle<Shared> | undefined;
let onChange = (): void => undefined;

function take(shared: DocHandle<Shared>): void {
	handle = shared;
	shared.on("change", () => onChange());
	onChange();
}

const records = (): Shared["records"] => handle?.doc()?.records ?? {};

offer({
	async fill(count, each) {
		let whole = Automerge.from<Shared>({ records: {} });
		const start = whole;
		for (let author = 0; author < AUTHORS; author++) {
			let theirs = Automerge.clone(start);
			for (const rows of writesOf(author, count, each))
				theirs = Automerge.change(theirs, (draft) => {
					for (const [key, value] of rows)
						draft.records[key] = new Automerge.ImmutableString(value);
				});
			whole = Automerge.merge(whole, theirs);
		}
		take(repo.import<Shared>(Automerge.save(whole), { docId: documentId }));
		await repo.flush();
	},
	put(key, value) {
		handle?.change((draft) => {
			draft.records[key] = new Automerge.ImmutableString(value);
		});
	},
	size: () => Object.keys(records()).length,
	rows: () =>
		Object.entries(records()).map(([key, { val }]) => [key, val] as const),
	onChange(listener) {
		onChange = listener;
		listener();
	},
});
if (meeting.role === "guest") take(await repo.find<Shared>(documentId));
