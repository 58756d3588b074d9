/**
 * What the screens share: the swarm's status, the documents, where somebody is, and notices. A client of the page API
 * and nothing else; screens read signals and call these functions.
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type {
	AddedDocument,
	DeviceId,
	DocumentInfo,
	Shoal,
	Status,
} from "../node/api.ts";
import { assignHues } from "./hues.ts";
import { codeOf, explain, type Notice } from "./notices.ts";
import { type OpenJob, openJob } from "./research/open-job.ts";
import { readSamples, type Samples } from "./research/samples.ts";
import { fragmentOf, parseRoute, type Route } from "./route.ts";

/** Files being added: how many are through, and what became of those that were not. */
export interface Adding {
	readonly done: number;
	readonly total: number;
}

export type FailedFile = Extract<AddedDocument, { ok: false }>;

/** What stands over the screens. */
export type Dialog =
	| { readonly kind: "add-device" }
	| { readonly kind: "palette" }
	| { readonly kind: "rename" }
	| { readonly kind: "swarms" }
	| { readonly kind: "reader"; readonly document: string };

export interface Model {
	readonly shoal: Shoal;
	readonly status: ReadonlySignal<Status | null>;
	/** Why the page could not start, in words. */
	readonly broken: ReadonlySignal<string | null>;
	readonly documents: ReadonlySignal<readonly DocumentInfo[] | null>;
	readonly hues: ReadonlySignal<ReadonlyMap<DeviceId, number>>;
	readonly route: ReadonlySignal<Route>;
	readonly job: ReadonlySignal<OpenJob | null>;
	readonly samples: ReadonlySignal<Samples | null>;
	readonly adding: ReadonlySignal<Adding | null>;
	readonly failedFiles: ReadonlySignal<readonly FailedFile[]>;
	readonly notices: ReadonlySignal<readonly Notice[]>;
	readonly dialog: ReadonlySignal<Dialog | null>;
	/** Read out by screen readers. */
	readonly said: ReadonlySignal<string>;
	/** What stands in the question field. */
	readonly question: { value: string };

	go(route: Route): void;
	open(dialog: Dialog): void;
	close(): void;
	say(words: string): void;
	tell(notice: Omit<Notice, "id">): void;
	dismiss(id: number): void;
	dismissFiles(): void;
	/** Runs something that may fail; a failure becomes a notice that says what to do. */
	attempt(what: string, run: () => Promise<void>): void;
	ask(question: string): void;
	stop(): void;
	addFiles(files: readonly File[]): void;
	addSamples(): void;
	removeDocument(document: DocumentInfo): void;
	/** The extracted text; fetched once. */
	text(document: string): Promise<string>;
	nameOf(device: DeviceId): string;
	documentName(id: string): string;
}

/** Texts of this many documents stay in memory. */
const KEPT_TEXTS = 12;

/** Connects the screens to a swarm. Runs as long as the page does. */
export function createModel(shoal: Shoal): Model {
	const status = signal<Status | null>(null);
	const broken = signal<string | null>(null);
	const documents = signal<readonly DocumentInfo[] | null>(null);
	const route = signal<Route>(parseRoute(location.hash));
	const samples = signal<Samples | null>(null);
	const adding = signal<Adding | null>(null);
	const failedFiles = signal<readonly FailedFile[]>([]);
	const notices = signal<readonly Notice[]>([]);
	const dialog = signal<Dialog | null>(null);
	const said = signal("");
	const question = signal("");
	const job = signal<OpenJob | null>(null);
	const texts = new Map<string, Promise<string>>();
	let nextNotice = 1;

	const hues = computed(() => {
		const now = status.value;
		if (now === null) return assignHues([]);
		return assignHues([
			...now.members.map((member) => member.device),
			now.me.device,
			...now.peers.map((peer) => peer.device),
			...(documents.value ?? []).map((document) => document.device),
		]);
	});

	const model: Model = {
		shoal,
		status,
		broken,
		documents,
		hues,
		route,
		job,
		samples,
		adding,
		failedFiles,
		notices,
		dialog,
		said,
		question,

		go(to) {
			const fragment = fragmentOf(to);
			if (location.hash === fragment) return;
			history.pushState(null, "", fragment);
			route.value = to;
		},
		open(to) {
			dialog.value = to;
		},
		close() {
			dialog.value = null;
		},
		say(words) {
			said.value = words;
		},
		tell(notice) {
			const same = notices.value.filter((n) => n.title !== notice.title);
			notices.value = [...same, { ...notice, id: nextNotice++ }];
		},
		dismiss(id) {
			notices.value = notices.value.filter((notice) => notice.id !== id);
		},
		dismissFiles() {
			failedFiles.value = [];
		},
		attempt(what, run) {
			run().catch((error: unknown) => model.tell(explain(what, error)));
		},

		ask(text) {
			const asked = text.trim();
			if (asked === "") return;
			model.attempt("The question could not be asked", async () => {
				const started = shoal.research({ question: asked });
				question.value = "";
				model.say("Asked. The devices are reading.");
				model.go({ place: "job", job: started.id, at: null });
			});
		},
		stop() {
			const open = job.value;
			if (open === null) return;
			model.attempt("The question could not be stopped", () =>
				shoal.job(open.id).cancel(),
			);
		},
		addFiles(files) {
			if (files.length === 0) return;
			model.attempt("The files could not be added", () => addAll(files));
		},
		addSamples() {
			model.attempt("The sample documents could not be loaded", async () => {
				const known = samples.value;
				if (known !== null) await addAll(await known.files());
			});
		},
		removeDocument(document) {
			model.attempt(`${document.name} could not be removed`, async () => {
				await shoal.documents.remove(document.id);
				texts.delete(document.id);
				model.say(`${document.name} removed`);
			});
		},
		text(document) {
			const known = texts.get(document);
			if (known !== undefined) return known;
			const asked = shoal.documents.text(document);
			texts.set(document, asked);
			asked.catch(() => texts.delete(document));
			const [oldest] = texts.keys();
			if (texts.size > KEPT_TEXTS && oldest !== undefined) texts.delete(oldest);
			return asked;
		},
		nameOf(device) {
			const now = status.value;
			if (now === null) return "A device";
			if (device === now.me.device) return now.me.name;
			return (
				now.members.find((member) => member.device === device)?.name ??
				now.peers.find((peer) => peer.device === device)?.name ??
				"A device that left"
			);
		},
		documentName(id) {
			const known = documents.value?.find((document) => document.id === id);
			return known?.name ?? "A removed document";
		},
	};

	async function addAll(files: readonly File[]): Promise<void> {
		const before = adding.value;
		const base = before ?? { done: 0, total: 0 };
		adding.value = { done: base.done, total: base.total + files.length };
		try {
			const outcomes = await shoal.documents.addEach([...files], {}, () => {
				const now = adding.value;
				if (now !== null) adding.value = { ...now, done: now.done + 1 };
			});
			const failed = outcomes.filter((outcome) => !outcome.ok);
			failedFiles.value = [...failedFiles.value, ...failed];
			const added = outcomes.length - failed.length;
			model.say(
				failed.length === 0
					? `${added} added`
					: `${added} added, ${failed.length} could not be read`,
			);
		} finally {
			const now = adding.value;
			if (now !== null) {
				const total = now.total - files.length;
				adding.value =
					total > 0 ? { done: Math.min(now.done, total), total } : null;
			}
		}
	}

	addEventListener("hashchange", () => {
		route.value = parseRoute(location.hash);
	});
	addEventListener("popstate", () => {
		route.value = parseRoute(location.hash);
	});

	shoal.ready.then(
		() => {
			shoal.watch((now) => {
				status.value = now;
			});
			shoal.documents.watch((list) => {
				documents.value = list;
			});
		},
		(error: unknown) => {
			broken.value = explain("Shoal could not start", error).detail;
		},
	);

	const wanted = computed(() =>
		route.value.place === "job" ? route.value.job : null,
	);
	effect(() => {
		const id = wanted.value;
		if (id === null || status.value === null) return;
		if (job.peek()?.id === id) return;
		job.peek()?.close();
		job.value = openJob(shoal, id, (error) => {
			if (codeOf(error) !== "aborted") {
				model.tell(explain("This question could not be opened", error));
			}
		});
	});

	readSamples().then(
		(found) => {
			samples.value = found;
		},
		() => {
			// Without samples the start offers files and folders only.
			samples.value = null;
		},
	);

	return model;
}
