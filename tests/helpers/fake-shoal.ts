/**
 * A pretended swarm behind the page API, for looking at and testing the screens: devices come and go, documents are
 * added, a question is worked on with readings and a growing draft. Nothing of it is in the product.
 */
import type {
	AddedDocument,
	AgentInfo,
	DocumentInfo,
	Job,
	JobInfo,
	Peer,
	Progress,
	Report,
	Shoal,
	Status,
} from "../../src/node/api.ts";
import { createFakeDrafts } from "./fake-drafts.ts";

export type Scene =
	| "first"
	| "documents"
	| "running"
	| "done"
	| "not-found"
	| "stopped"
	| "failed"
	| "errors"
	| "swarm"
	| "big-swarm"
	| "update"
	| "drafts"
	| "full-draft"
	| "broken";

const ME = "did:key:z6MkLaptop";
const devices = [
	{ id: ME, name: "Laptop" },
	{ id: "did:key:z6MkPixel", name: "Pixel 9" },
	{ id: "did:key:z6MkTablet", name: "Tablet" },
	{ id: "did:key:z6MkStudio", name: "Studio computer with a rather long name" },
] as const;
const agentNames = ["planner", "ingester", "searcher", "writer", "reviewer"];
const does: Readonly<Record<string, string>> = {
	planner: "Turns a question into smaller ones",
	ingester: "Reads passages and notes what they are about",
	searcher: "Finds passages that say something about a question",
	writer: "Writes sections out of quotes",
	reviewer: "Checks every quote against its document",
};

const logText = `# Trial 2, greenhouse B

The second trial began on 3 March with forty plants in two rows. All values were steady for the first four weeks. On day 31 the circulation pump failed and the root zone warmed to 34 °C before anyone was called. The plants in the northern row were lost within two days.

The alarm had been set to 38 °C during calibration and was never set back. The board met on day 33 and stopped the trial.

${"Readings were taken at seven in the morning and at seven in the evening, by whoever had the shift. They were written into the log by hand and copied into the sheet on Fridays.\n\n".repeat(40)}`;
const boardText = `Review board, minutes

${"The board heard the log of the trial and asked for the calibration sheets. Nothing else was decided in this part.\n\n".repeat(30)}For the third trial the board asked for two changes. The third trial runs two pumps on separate circuits, so that one can fail without harm. Alarm limits are now printed on the door and read back at every shift.

${"Other business was put off to the next meeting.\n\n".repeat(30)}`;

interface FakeDocument {
	readonly info: DocumentInfo;
	readonly text: string;
}

function fakeDocument(
	name: string,
	text: string,
	passages: number,
	more: Partial<DocumentInfo> = {},
): FakeDocument {
	return {
		text,
		info: {
			id: `document-${name}`,
			name,
			format: "markdown",
			size: text.length,
			characters: text.length,
			passages,
			textBlob: `text-${name}`,
			device: ME,
			policy: "swarm",
			...more,
		},
	};
}

const someDocuments = [
	fakeDocument("trial-2-log.md", logText, 84),
	fakeDocument("review-board.pdf", boardText, 122, {
		format: "pdf",
		pages: 14,
	}),
	fakeDocument("manuals/circulation/pump-manual.html", "The pump.", 38, {
		format: "html",
	}),
	fakeDocument("shift-notes-of-the-whole-spring.txt", "Notes.", 1_468, {
		format: "text",
		device: devices[1].id,
	}),
];

const QUESTION =
	"Why did the second greenhouse trial stop early, and what was changed for the third?";

function sentence(document: FakeDocument, quote: string, page?: number) {
	const start = document.text.indexOf(quote);
	const citation = {
		document: document.info.id,
		quote,
		start,
		end: start + quote.length,
		...(page === undefined ? {} : { page }),
	};
	return { text: quote, by: "extractive", citations: [citation] };
}

function fullReport(): Report {
	const [log, board] = someDocuments;
	if (log === undefined || board === undefined) throw new Error("no documents");
	return {
		question: QUESTION,
		found: true,
		sections: [
			{
				heading: "Why it stopped",
				sentences: [
					sentence(
						log,
						"On day 31 the circulation pump failed and the root zone warmed to 34 °C before anyone was called.",
					),
					sentence(
						log,
						"The alarm had been set to 38 °C during calibration and was never set back.",
					),
					sentence(log, "The board met on day 33 and stopped the trial."),
				],
			},
			{
				heading: "What was changed",
				sentences: [
					sentence(
						board,
						"The third trial runs two pumps on separate circuits, so that one can fail without harm.",
						7,
					),
					sentence(
						board,
						"Alarm limits are now printed on the door and read back at every shift.",
						7,
					),
				],
			},
			{ heading: "What the second pump cost", sentences: [] },
		],
		coverage: someDocuments.map(({ info }) => ({
			document: info.id,
			passages: info.passages,
			read: info.passages,
		})),
		contributors: contributors(1),
	};
}

function contributors(share: number): Report["contributors"] {
	return devices.slice(0, 3).flatMap(({ id }, at) =>
		agentNames.slice(at).map((agent, n) => ({
			device: id,
			peer: `peer-${at}`,
			agent,
			tasks: Math.round((24 - 6 * at - 2 * n) * share),
		})),
	);
}

/** A job at a point between 0 (just asked) and 1 (all read and written). */
function progressAt(
	point: number,
	state: Progress["state"] = point >= 1 ? "done" : "working",
	found = true,
): Progress {
	const total = someDocuments.reduce((sum, d) => sum + d.info.passages, 0);
	const readings: Progress["readings"][number][] = [];
	someDocuments.forEach(({ info }, which) => {
		const read = Math.round(
			info.passages * Math.min(1, point * (1.5 - which * 0.2)),
		);
		const batch = Math.max(3, Math.round(info.passages / 24));
		for (let from = 0, n = 0; from < read; from += batch, n++) {
			const device = devices[[0, 0, 1, 0, 2, 1][(n + which) % 6] ?? 0];
			if (device === undefined) continue;
			readings.push({
				document: info.id,
				from,
				to: Math.min(read, from + batch),
				device: device.id,
				peer: "peer-0",
			});
		}
	});
	const read = readings.reduce((sum, r) => sum + r.to - r.from, 0);
	const full = fullReport();
	const all = full.sections.flatMap((section) => section.sentences).length;
	let left = found ? Math.floor(Math.max(0, point - 0.4) * 1.7 * all) : 0;
	const draft: Report = {
		...full,
		found,
		sections:
			found && point > 0.2
				? full.sections.map((section) => {
						const sentences = section.sentences.slice(0, Math.max(0, left));
						left -= section.sentences.length;
						return { ...section, sentences };
					})
				: [],
	};
	return {
		state,
		done: Math.round(68 * point),
		total: 68,
		etaMs: state === "working" && point > 0.1 ? (1 - point) * 9_000 : null,
		activity:
			point < 0.1
				? "Planner is taking the question apart"
				: point < 0.6
					? "Searchers are reading passages"
					: "Reviewer is checking quotes",
		readings,
		contributors: contributors(point),
		passages: { total, read },
		draft,
		...(state === "failed"
			? { reason: "Every device that held the documents was closed." }
			: {}),
	};
}

/** A `Shoal` that pretends, opened at a scene. */
export function createFakeShoal(scene: Scene): Shoal {
	const many = scene === "big-swarm" ? 12 : 0;
	const alone =
		scene === "first" || scene === "documents" || scene === "errors";
	const peers: Peer[] = alone
		? []
		: [
				...(scene === "swarm"
					? [fakePeer("peer-1b", ME, "Laptop", "tab", 0.6)]
					: []),
				fakePeer("peer-1", devices[1].id, devices[1].name, "rtc", 3.2),
				fakePeer("peer-3", devices[3].id, devices[3].name, "forwarded", 41),
				...Array.from({ length: many }, (_, n) =>
					fakePeer(`peer-x${n}`, `did:key:extra${n}`, `Device ${n}`, "rtc", n),
				),
			];
	const documents: FakeDocument[] = scene === "first" ? [] : [...someDocuments];
	const jobs = new Map<string, FakeJob>();
	const statusListeners = new Set<(status: Status) => void>();
	const documentListeners = new Set<(list: DocumentInfo[]) => void>();
	let name: string = devices[0].name;
	let nextJob = 1;

	function addJob(
		title: string,
		start: number,
		state?: Progress["state"],
		found = true,
		id = `job-${nextJob++}`,
	): FakeJob {
		const job = fakeJob(id, title, start, state, found, tell);
		jobs.set(id, job);
		return job;
	}
	if (scene === "running") addJob(QUESTION, 0.55, "working", true, "shown");
	if (scene === "done" || scene === "swarm")
		addJob(QUESTION, 1, "done", true, "shown");
	if (scene === "stopped") addJob(QUESTION, 0.7, "cancelled", true, "shown");
	if (scene === "failed") addJob(QUESTION, 0.7, "failed", true, "shown");
	if (scene === "not-found")
		addJob("Who paid for the second pump?", 1, "done", false, "shown");
	if (jobs.size > 0) {
		addJob("Which values were logged at night?", 1, "done");
		addJob("Who is called when the alarm goes off?", 1, "done", false);
		if (scene !== "swarm") location.hash ||= "#/job/shown";
	}
	if (scene.includes("swarm")) location.hash ||= "#/swarm";

	function status(): Status {
		const working = [...jobs.values()].some(
			(job) => job.info.state === "working",
		);
		const pages = [
			{ peer: "peer-0", device: ME as string },
			...peers.map(({ peer, device }) => ({ peer, device })),
		];
		const members = alone
			? devices.slice(0, 1)
			: [
					...devices,
					...Array.from({ length: many }, (_, n) => ({
						id: `did:key:extra${n}`,
						name: `Device ${n}`,
					})),
				];
		return {
			me: { device: ME, peer: "peer-0", name, swarm: "s1", keys: "hardware" },
			swarmName: "Home swarm",
			relay: scene === "errors" ? "unreachable" : "connected",
			notSaved:
				scene === "errors" ? "This device has no space left for Shoal." : null,
			warnings:
				scene === "errors"
					? [
							"Kitchen laptop wrote two different histories of “notes”; what that page of it wrote after entry 12 is ignored.",
						]
					: [],
			peers,
			members: members.map(({ id, name: called }, at) => ({
				device: id,
				name: called,
				role: at === 0 ? "owner" : "member",
				peers: pages.filter((p) => p.device === id).map((p) => p.peer),
			})),
			agents: pages.flatMap(({ peer, device }, at) =>
				agentNames.map((agent, n) => ({
					...fakeAgent(agent, peer, device),
					working:
						(working || scene.includes("swarm")) && (at + n) % 3 === 0 ? 1 : 0,
				})),
			),
			jobs: [...jobs.values()].map((job) => job.info),
			joining:
				scene === "errors"
					? {
							state: "waiting",
							message:
								"Open Shoal on the device that made the link; this page keeps trying.",
						}
					: null,
			cameFrom: scene === "errors" ? { swarm: "s0", documents: 4 } : null,
			connections: peers.length,
		};
	}
	function tell(): void {
		for (const listener of statusListeners) listener(status());
	}
	function tellDocuments(): void {
		for (const listener of documentListeners)
			listener(documents.map((d) => d.info));
	}
	async function addEach(
		files: File[],
		_options?: unknown,
		onEach?: (outcome: AddedDocument) => void,
	): Promise<AddedDocument[]> {
		const outcomes: AddedDocument[] = [];
		for (const file of files) {
			await pause(60);
			const outcome = await addOne(file);
			outcomes.push(outcome);
			onEach?.(outcome);
			tellDocuments();
		}
		return outcomes;
	}
	async function addOne(file: File): Promise<AddedDocument> {
		if (file.size === 0) {
			return refused(file, "document-empty", `“${file.name}” is empty.`);
		}
		if (/\.(png|zip|exe)$/.test(file.name)) {
			return refused(
				file,
				"document-unreadable",
				`“${file.name}” is not a document Shoal can read. It reads PDF, DOCX, Markdown, HTML and text.`,
			);
		}
		const text = await file.text();
		const made = fakeDocument(
			file.name,
			text,
			Math.max(1, Math.round(text.length / 500)),
		);
		if (!documents.some((d) => d.info.id === made.info.id))
			documents.push(made);
		return { ok: true, ...made.info };
	}

	if (scene === "drafts" || scene === "full-draft")
		location.hash ||= "#/drafts/draft-1";

	return {
		drafts: createFakeDrafts(devices, scene === "full-draft", alone),
		ready:
			scene === "broken"
				? Promise.reject(
						new Error("This browser does not let the page store anything."),
					)
				: Promise.resolve(),
		me: async () => status().me,
		rename: async (to) => {
			name = to;
			tell();
		},
		createSwarm: async () => ({ swarm: "s2", invite: inviteLink() }),
		invite: async () => {
			await pause(80);
			return inviteLink();
		},
		join: async (link) => {
			await pause(50);
			throw coded("bad-invite", `This is not an invite: ${link.slice(0, 40)}`);
		},
		swarms: async () => [
			{ swarm: "s1", name: "Home swarm", active: true },
			{ swarm: "s2", name: "Reading group", active: false },
		],
		use: async () => undefined,
		leave: async () => undefined,
		members: async () => [...status().members],
		remove: async () => undefined,
		peers: async () => peers,
		agents: async () => [...status().agents],
		request: async () => "pong",
		publish: async () => undefined,
		subscribe: (_pattern, listener) => {
			let n = 0;
			const timer = setInterval(() => {
				const from = peers[n++ % Math.max(1, peers.length)]?.peer ?? "peer-0";
				listener({ topic: "task.done", data: null, from, traceparent: "" });
			}, 350);
			return () => clearInterval(timer);
		},
		state: {
			put: async () => undefined,
			entries: async () => [],
			digest: async () => "",
			copies: async () => 1,
		},
		documents: {
			add: async (files) => {
				const outcomes = await addEach(files);
				return outcomes.filter((outcome) => outcome.ok);
			},
			addEach,
			list: async () => documents.map((d) => d.info),
			bring: async () => [],
			text: async (id) => {
				await pause(40);
				const found = documents.find((d) => d.info.id === id);
				if (found === undefined)
					throw coded("no-such-document", "There is no such document.");
				return found.text;
			},
			remove: async (id) => {
				const at = documents.findIndex((d) => d.info.id === id);
				if (at >= 0) documents.splice(at, 1);
				tellDocuments();
			},
			watch: (listener) => {
				documentListeners.add(listener);
				listener(documents.map((d) => d.info));
				return () => documentListeners.delete(listener);
			},
		},
		research: ({ question }) =>
			addJob(
				question,
				0,
				"working",
				!question.startsWith("Who"),
			).run() as Job<Report>,
		jobs: async () => [...jobs.values()].map((job) => job.info),
		job: (id) => {
			const job = jobs.get(id);
			if (job === undefined)
				throw coded("no-such-job", "There is no such question.");
			return job.job;
		},
		watch: (listener) => {
			statusListeners.add(listener);
			listener(status());
			return () => statusListeners.delete(listener);
		},
	};
}

interface FakeJob {
	readonly info: JobInfo;
	readonly job: Job<unknown>;
	/** Lets it go on by itself. */
	run(): Job<unknown>;
}

function fakeJob(
	id: string,
	title: string,
	start: number,
	state: Progress["state"] | undefined,
	found: boolean,
	onState: () => void,
): FakeJob {
	const listeners = new Set<(progress: Progress) => void>();
	let point = start;
	let now = state ?? "working";
	const settled = Promise.withResolvers<unknown>();
	const progress = (): Progress => {
		const made = progressAt(point, now, found);
		return { ...made, draft: { ...made.draft, question: title } };
	};
	const job: Job<unknown> = {
		id,
		done: settled.promise,
		progress: (listener) => {
			listeners.add(listener);
			listener(progress());
			return () => listeners.delete(listener);
		},
		cancel: async () => {
			now = "cancelled";
			for (const listener of listeners) listener(progress());
			onState();
			settled.reject(coded("aborted", "It was stopped."));
		},
	};
	return {
		get info(): JobInfo {
			return {
				id,
				kind: "research",
				title,
				state: now,
				device: id === "job-2" ? devices[1].id : ME,
				createdAt: Date.now() - (id === "shown" ? 0 : 86_400_000),
				copies: 2,
			};
		},
		job,
		run: () => {
			const timer = setInterval(() => {
				if (now !== "working") return clearInterval(timer);
				point = Math.min(1, point + 0.02);
				if (point >= 1) now = "done";
				for (const listener of listeners) listener(progress());
				onState();
				if (now === "done") settled.resolve(progress().draft);
			}, 120);
			return job;
		},
	};
}

function fakePeer(
	peer: string,
	device: string,
	name: string,
	via: Peer["via"],
	rttMs: number,
): Peer {
	return { peer, device, name, via, rttMs, state: "awake" };
}

function fakeAgent(name: string, peer: string, device: string): AgentInfo {
	return {
		agent: `${peer}/${name}`,
		peer,
		device,
		card: {
			name,
			description: does[name] ?? "",
			version: "1.0.0",
			capabilities: { extensions: [] },
			defaultInputModes: [],
			defaultOutputModes: [],
			skills: [],
		},
	};
}

function inviteLink(): string {
	const host = new URLSearchParams(location.search).get("host");
	const origin = host === null ? location.origin : `https://${host}:8787`;
	return `${origin}/#join=${"b2xkZXItdGhhbi10aGUtaGlsbHM".repeat(5)}`;
}

function refused(
	file: File,
	code: "document-empty" | "document-unreadable",
	message: string,
): AddedDocument {
	return { ok: false, name: file.name, code, message };
}

function coded(code: string, message: string): Error {
	return Object.assign(new Error(message), { code });
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
