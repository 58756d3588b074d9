/** The report as reading matter: each sentence is a link to its source. */
import type { Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { fragmentOf } from "../route.ts";
import { numberSources, type Sentence } from "./sources.ts";

export function ReportView(props: { job: string; progress: Progress }) {
	const { job, progress } = props;
	const model = useModel();
	const route = model.route.value;
	const at = route.place === "job" ? route.at : null;
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
					{section.sentences.length === 0 ? (
						<Skeleton />
					) : (
						<p>
							{section.sentences.map((sentence, n) => {
								const on = at?.section === index && at.sentence === n;
								return (
									<>
										<a
											key={n}
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
									</>
								);
							})}
						</p>
					)}
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
