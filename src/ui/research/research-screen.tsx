/** Research: documents left, question and report in the middle, sources right; one column on a phone. */
import { useModel } from "../context.ts";
import { later } from "../later.tsx";
import { useWide } from "../shell/use-wide.ts";
import { AskForm } from "./ask-form.tsx";
import { DocumentsPanel } from "./documents-panel.tsx";
import { Start } from "./start.tsx";

const History = later(
	"Earlier questions cannot be shown",
	async () => (await import("./history.tsx")).History,
);
const JobView = later(
	"The report cannot be shown",
	async () => (await import("./job-view.tsx")).JobView,
);
const SourcesPanel = later(
	"The sources cannot be shown",
	async () => (await import("./sources-panel.tsx")).SourcesPanel,
);

export function ResearchScreen() {
	const model = useModel();
	const wide = useWide(1180);
	const route = model.route.value;
	const open = route.place === "job" ? model.job.value : null;
	const progress = open?.progress.value ?? null;
	const at = route.place === "job" ? route.at : null;
	const hasSources =
		progress !== null &&
		(at !== null || (wide && progress.readings.length > 0));
	return (
		<div class={`research ${hasSources ? "with-sources" : ""}`}>
			<aside class="left" aria-label="Documents and earlier questions">
				<DocumentsPanel readings={progress?.readings ?? []} />
				<History />
			</aside>
			<main id="content" tabIndex={-1}>
				<div class="scroll">
					{open === null ? <Start /> : <JobView open={open} wide={wide} />}
				</div>
				<AskForm />
			</main>
			{hasSources && <SourcesPanel progress={progress} at={at} wide={wide} />}
		</div>
	);
}
