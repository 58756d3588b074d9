/** The report as reading matter: each sentence is a link to its source. */
import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import type { Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { fragmentOf } from "../route.ts";
import { numberSources, paragraphsOf, type Sentence } from "./sources.ts";

export function ReportView(props: {
	job: string;
	progress: Progress;
	/** Whether the sources have a column of their own. */
	wide: boolean;
}) {
	const { job, progress } = props;
	const model = useModel();
	const route = model.route.value;
	const at = route.place === "job" ? route.at : null;
	const { wide } = props;
	const place = at === null ? null : `${at.section}.${at.sentence}`;
	// A sheet with its source comes over the lower part: the sentence moves above it.
	useEffect(() => {
		if (place === null) return;
		document
			.querySelector(".report .sentence.on")
			?.scrollIntoView({ block: wide ? "nearest" : "start" });
	}, [place, wide]);
	const report = progress.draft;
	const numbers = numberSources(report);
	const working = progress.state === "working";
	const sections = report.sections
		.map((section, index) => ({ section, index }))
		.filter(({ section }) => working || section.sentences.length > 0);
	return (
		<>
			{working && sections.length === 0 && <Skeleton />}
			{sections.map(({ section, index }) => (
				<section key={index}>
					{section.heading !== "" && (
						<h3 class={section.sentences.length === 0 ? "pending" : ""}>
							{section.heading}
						</h3>
					)}
					{section.sentences.length === 0 && <Skeleton />}
					{paragraphsOf(section.sentences).map((paragraph, nth) => (
						<p key={nth}>
							{paragraph.map(({ sentence, index: n }) => {
								const on = at?.section === index && at.sentence === n;
								return (
									<Fragment key={n}>
										<a
											class={on ? "sentence on" : "sentence"}
											aria-current={on ? "true" : undefined}
											href={fragmentOf({
												place: "job",
												job,
												at: on ? null : { section: index, sentence: n },
											})}
										>
											{sentence.text.trim()}
											<Numbers sentence={sentence} numbers={numbers} />
										</a>{" "}
									</Fragment>
								);
							})}
						</p>
					))}
				</section>
			))}
		</>
	);
}

function Numbers(props: {
	sentence: Sentence;
	numbers: ReadonlyMap<string, number>;
}) {
	const cited = new Set(props.sentence.citations.map((c) => c.document));
	const numbers = [...cited].map((document) => props.numbers.get(document));
	return (
		<sup>
			<span class="unseen"> source </span>
			{numbers.join(", ")}
		</sup>
	);
}

function Skeleton() {
	return (
		<p class="skeleton">
			<span class="unseen">Being written</span>
			<i />
			<i />
			<i />
		</p>
	);
}
