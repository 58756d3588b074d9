/** The right side: the source of the chosen sentence, else the sources cited; below, who did what. */
import { ChevronLeft, ChevronRight, X } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import type { Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { count } from "../format.ts";
import { Icon } from "../icon.tsx";
import type { SentencePlace } from "../route.ts";
import { Contributors } from "./contributors.tsx";
import { SourceCard } from "./source-card.tsx";
import { numberSources, placesOf, sentenceAt } from "./sources.ts";

interface Props {
	readonly progress: Progress;
	readonly at: SentencePlace | null;
	readonly wide: boolean;
}

export function SourcesPanel({ progress, at, wide }: Props) {
	return (
		<aside class="sources" aria-label="Sources">
			{at === null ? (
				<Cited progress={progress} />
			) : (
				<Chosen progress={progress} at={at} wide={wide} />
			)}
			{wide && <Contributors progress={progress} />}
		</aside>
	);
}

function Chosen(props: {
	progress: Progress;
	at: SentencePlace;
	wide: boolean;
}) {
	const { progress, at, wide } = props;
	const model = useModel();
	const panel = useRef<HTMLElement>(null);
	const report = progress.draft;
	const sentence = sentenceAt(report, at);
	const places = placesOf(report);
	const index = places.findIndex(
		(place) => place.section === at.section && place.sentence === at.sentence,
	);
	const route = model.route.value;
	const job = route.place === "job" ? route.job : "";
	function go(to: SentencePlace | null | undefined): void {
		if (to !== undefined) model.go({ place: "job", job, at: to });
	}
	// Over the report the panel is a sheet: it takes the focus, and Escape closes it.
	useEffect(() => {
		if (!wide) panel.current?.focus();
	}, [wide]);
	const numbers = numberSources(report);
	return (
		<section
			ref={panel}
			tabIndex={-1}
			class="chosen"
			aria-label="Source of the sentence"
			onKeyDown={(event) => {
				if (event.key === "Escape") go(null);
			}}
		>
			<h2>
				Source{" "}
				<small>
					sentence {index + 1} of {places.length}
				</small>
				<span class="steps">
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Sentence before"
						disabled={index <= 0}
						onClick={() => go(places[index - 1])}
					>
						<Icon of={ChevronLeft} />
					</button>
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Next sentence"
						disabled={index < 0 || index >= places.length - 1}
						onClick={() => go(places[index + 1])}
					>
						<Icon of={ChevronRight} />
					</button>
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Close the source"
						onClick={() => go(null)}
					>
						<Icon of={X} />
					</button>
				</span>
			</h2>
			{sentence === undefined ? (
				<p class="muted">This sentence is not written yet.</p>
			) : (
				sentence.citations.map((citation) => (
					<SourceCard
						key={`${citation.document} ${citation.start}`}
						citation={citation}
						by={sentence.by}
						number={numbers.get(citation.document) ?? 0}
					/>
				))
			)}
		</section>
	);
}

/** The documents that the report cites so far, with how many sentences rest on each. */
function Cited({ progress }: { progress: Progress }) {
	const model = useModel();
	const numbers = numberSources(progress.draft);
	if (numbers.size === 0) return null;
	const uses = new Map<string, number>();
	for (const section of progress.draft.sections) {
		for (const { citations } of section.sentences) {
			for (const document of new Set(citations.map((c) => c.document))) {
				uses.set(document, (uses.get(document) ?? 0) + 1);
			}
		}
	}
	return (
		<section>
			<h2>Sources</h2>
			<ol class="cited">
				{[...numbers].map(([document, number]) => (
					<li key={document}>
						<button
							type="button"
							class="plain"
							onClick={() => model.open({ kind: "reader", document })}
						>
							<i aria-hidden="true">{number}</i>
							<span>
								{model.documentName(document)}
								<small>{count(uses.get(document) ?? 0, "sentence")}</small>
							</span>
						</button>
					</li>
				))}
			</ol>
			<p class="hint">Choose a sentence to see where it comes from.</p>
		</section>
	);
}
