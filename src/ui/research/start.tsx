/** Before the first question: what this is, one click to something to ask, and questions to begin with. */
import { FilePlus, FileText, FolderPlus, Smartphone } from "lucide";
import type { DocumentInfo } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { count, listed } from "../format.ts";
import { Icon } from "../icon.tsx";
import { devicesOf } from "../shell/devices.ts";
import { FileButtons } from "./file-buttons.tsx";
import type { Samples } from "./samples.ts";

export function Start() {
	const model = useModel();
	const status = model.status.value;
	const documents = model.documents.value;
	const samples = model.samples.value;
	if (status === null || documents === null) {
		return (
			<article class="start">
				<p class="muted" role="status">
					Waking up…
				</p>
			</article>
		);
	}
	const questions = suggestions(samples, documents);
	const working = status.jobs.filter((job) => job.state === "working");
	return (
		<article class="start">
			{documents.length === 0 ? <Welcome /> : <Ready />}
			{working.length > 0 && (
				<section>
					<h2>Being worked on now</h2>
					<ul class="suggestions">
						{working.map((job) => (
							<li key={job.id}>
								<a href={`#/job/${job.id}`}>
									{job.title}
									<small>asked by {model.nameOf(job.device)}</small>
								</a>
							</li>
						))}
					</ul>
				</section>
			)}
			{questions.length > 0 && (
				<section>
					<h2>A question to begin with</h2>
					<ul class="suggestions">
						{questions.map((question) => (
							<li key={question}>
								<button type="button" onClick={() => model.ask(question)}>
									{question}
								</button>
							</li>
						))}
					</ul>
				</section>
			)}
			<SwarmWords />
		</article>
	);
}

/** Questions to begin with, where the samples were added that answer them. */
function suggestions(
	samples: Samples | null,
	documents: readonly DocumentInfo[],
): string[] {
	return (samples?.list ?? [])
		.filter(({ name }) => documents.some((document) => document.name === name))
		.flatMap(({ question }) => question ?? [])
		.slice(0, 3);
}

function Welcome() {
	const model = useModel();
	const samples = model.samples.value;
	const busy = model.adding.value !== null;
	return (
		<>
			<h2 class="question">Ask your documents. Check every sentence.</h2>
			<p class="lead">
				Add documents and ask. The answer is written from what they say, and
				each sentence opens the place it comes from. Nothing leaves your
				devices.
			</p>
			<FileButtons class="ways">
				{(pick) => (
					<>
						{samples !== null && (
							<button
								type="button"
								class="primary"
								disabled={busy}
								onClick={() => model.addSamples()}
							>
								<Icon of={FileText} />
								Try the sample documents
							</button>
						)}
						<button
							type="button"
							class={samples === null ? "primary" : "quiet"}
							onClick={pick.files}
						>
							<Icon of={FilePlus} /> Choose files
						</button>
						<button type="button" class="quiet" onClick={pick.folder}>
							<Icon of={FolderPlus} /> Choose a folder
						</button>
					</>
				)}
			</FileButtons>
		</>
	);
}

function Ready() {
	const documents = useModel().documents.value ?? [];
	const passages = documents.reduce((sum, d) => sum + d.passages, 0);
	return (
		<>
			<h2 class="question">What would you like to know?</h2>
			<p class="lead">
				{count(documents.length, "document")} with {count(passages, "passage")}{" "}
				{documents.length === 1 ? "is" : "are"} ready. Every device of the swarm
				reads along.
			</p>
		</>
	);
}

/** Who would work on it, and how to have more. */
function SwarmWords() {
	const model = useModel();
	const status = model.status.value;
	if (status === null) return null;
	const awake = devicesOf(status).filter((d) => d.state !== "asleep");
	const alone = awake.length === 1;
	return (
		<p class="swarm-words">
			<Icon of={Smartphone} />
			<span>
				{alone
					? `${status.me.name} is ready with ${count(status.agents.length, "agent")}. A second device makes it quicker, and goes on when you close this page.`
					: `${listed(awake.map((d) => d.name))} are ready with ${count(status.agents.length, "agent")}.`}{" "}
				<button
					type="button"
					class="link"
					onClick={() => model.open({ kind: "add-device" })}
				>
					Add a device
				</button>
			</span>
		</p>
	);
}
