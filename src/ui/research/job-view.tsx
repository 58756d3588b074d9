/** A question: how far the work is, the report as it grows, and how it ended. */
import { Check, Copy, RotateCw, Square } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { copyText } from "../dialogs/copy.ts";
import { count, ofAll, timeLeft } from "../format.ts";
import { Icon } from "../icon.tsx";
import "./report.css";
import { Contributors } from "./contributors.tsx";
import { reportToMarkdown } from "./markdown.ts";
import { NotFound } from "./not-found.tsx";
import type { OpenJob } from "./open-job.ts";
import { ReportView } from "./report-view.tsx";

/** Progress is read out this often at most. */
const SPEAK_MS = 6_000;

export function JobView({ open, wide }: { open: OpenJob; wide: boolean }) {
	const model = useModel();
	const progress = open.progress.value;
	const info = model.status.value?.jobs.find((job) => job.id === open.id);
	const heading = useRef<HTMLHeadingElement>(null);
	useSpoken(progress);
	const question = progress?.draft.question || info?.title || "";
	if (progress === null) {
		return (
			<article class="report">
				<h2 class="question">{question}</h2>
				<p class="state muted">Opening it…</p>
			</article>
		);
	}
	const empty = progress.draft.sections.every((s) => s.sentences.length === 0);
	return (
		<article class="report" aria-busy={progress.state === "working"}>
			<h2 class="question" ref={heading} tabIndex={-1}>
				{question}
			</h2>
			<State progress={progress} />
			{progress.state === "done" && !progress.draft.found ? (
				<NotFound progress={progress} />
			) : (
				<ReportView job={open.id} progress={progress} wide={wide} />
			)}
			{progress.state === "done" && progress.draft.found && (
				<Closing progress={progress} />
			)}
			{!wide && !empty && <Contributors progress={progress} />}
		</article>
	);
}

function State({ progress }: { progress: Progress }) {
	const model = useModel();
	const { passages } = progress;
	const read =
		passages.total === 0
			? null
			: `${ofAll(passages.read, passages.total)} passages read`;
	if (progress.state === "working") {
		const words = [progress.activity, read, timeLeft(progress.etaMs)];
		return (
			<div class="state working">
				<progress
					aria-label="Work done"
					value={progress.total === 0 ? undefined : progress.done}
					max={Math.max(1, progress.total)}
				/>
				<p>
					<i class="dot" aria-hidden="true" />
					{words.filter((word) => word !== null && word !== "").join(" · ")}
				</p>
				<button type="button" class="quiet small" onClick={() => model.stop()}>
					<Icon of={Square} size={14} /> Stop
				</button>
			</div>
		);
	}
	if (progress.state === "done") {
		return (
			<p class="state muted">
				<Icon of={Check} size={16} />
				{[read, count(progress.contributors.length, "agent"), byWhom(progress)]
					.filter((word) => word !== null)
					.join(" · ")}
			</p>
		);
	}
	const stopped = progress.state === "cancelled";
	return (
		<div class="state ended" role="alert">
			<p>
				<b>{stopped ? "Stopped." : "This did not finish."}</b>{" "}
				{stopped ? "" : (progress.reason ?? "The reason is unknown.")} What was
				written so far is kept here. Ask again to begin anew.
			</p>
			<button
				type="button"
				class="quiet"
				onClick={() => model.ask(progress.draft.question)}
			>
				<Icon of={RotateCw} size={16} /> Ask again
			</button>
		</div>
	);
}

function byWhom(progress: Progress): string {
	const devices = new Set(progress.contributors.map((c) => c.device));
	return count(devices.size, "device");
}

/** Under a finished report: what it rests on, and taking it along. */
function Closing({ progress }: { progress: Progress }) {
	const model = useModel();
	const [copied, setCopied] = useState(false);
	const report = progress.draft;
	const extractive = report.sections.every((section) =>
		section.sentences.every((sentence) => sentence.by === "extractive"),
	);
	const open = report.sections.filter((s) => s.sentences.length === 0);
	return (
		<footer class="closing">
			<p>
				{extractive
					? "Written without a language model: every sentence stands in your documents."
					: "Sentences by a language model say so in their source."}
				{open.length > 0 && (
					<> Not found in them: {open.map((s) => s.heading).join("; ")}.</>
				)}
			</p>
			<button
				type="button"
				class="quiet"
				onClick={() =>
					model.attempt("The report could not be copied", async () => {
						await copyText(
							reportToMarkdown(report, (id) => model.documentName(id)),
						);
						setCopied(true);
						model.say("Report copied as Markdown");
						setTimeout(() => setCopied(false), 2_000);
					})
				}
			>
				<Icon of={copied ? Check : Copy} size={16} />
				{copied ? "Copied" : "Copy as Markdown"}
			</button>
		</footer>
	);
}

/** Says what is going on: at once when it ends, now and then while it goes on. */
function useSpoken(progress: Progress | null): void {
	const model = useModel();
	const last = useRef(Number.NEGATIVE_INFINITY);
	const state = useRef<Progress["state"] | null>(null);
	useEffect(() => {
		if (progress === null) return;
		const before = state.current;
		state.current = progress.state;
		if (progress.state !== "working") {
			if (before === "working") {
				model.say(
					progress.state === "done"
						? progress.draft.found
							? "The report is done."
							: "Your documents do not answer this."
						: "The work has ended.",
				);
			}
			return;
		}
		if (performance.now() - last.current < SPEAK_MS) return;
		last.current = performance.now();
		const { read, total } = progress.passages;
		model.say(`${progress.activity}. ${ofAll(read, total)} passages read.`);
	}, [progress, model]);
}
