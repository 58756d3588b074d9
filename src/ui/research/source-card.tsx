/** One citation: the quote in its surroundings, checked word for word against the text that this device holds. */
import { BadgeCheck, CircleAlert, FileText } from "lucide";
import "../late.css";
import "./sources.css";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { type Citation, inContext } from "./sources.ts";
import { useText } from "./use-text.ts";

export function SourceCard(props: {
	citation: Citation;
	by: string;
	number: number;
}) {
	const { citation, by, number } = props;
	const model = useModel();
	const text = useText(citation.document);
	const shown =
		text.state === "here"
			? inContext(text.text, citation)
			: { before: "", quote: citation.quote, after: "", exact: false };
	return (
		<figure class="source-card">
			<figcaption>
				<i aria-hidden="true">{number}</i>
				<span>
					<b>{model.documentName(citation.document)}</b>
					<small>
						{citation.page !== undefined && `page ${citation.page} · `}
						{by === "extractive" ? "taken as it stands" : `worded by ${by}`}
					</small>
				</span>
			</figcaption>
			<blockquote>
				{shown.before}
				<mark>{shown.quote}</mark>
				{shown.after}
			</blockquote>
			{text.state === "coming" && <p class="check muted">Checking…</p>}
			{text.state === "here" && shown.exact && (
				<p class="check exact">
					<Icon of={BadgeCheck} size={16} /> Word for word in the source
				</p>
			)}
			{text.state === "here" && !shown.exact && (
				<p class="check wrong">
					<Icon of={CircleAlert} size={16} /> Not word for word in the source.
					Do not rely on this sentence.
				</p>
			)}
			{text.state === "away" && (
				<p class="check wrong">
					<Icon of={CircleAlert} size={16} /> Could not be checked:{" "}
					{text.reason}
				</p>
			)}
			{text.state === "here" && (
				<button
					type="button"
					class="quiet"
					onClick={() =>
						model.open({ kind: "reader", document: citation.document })
					}
				>
					<Icon of={FileText} size={16} /> Open the document here
				</button>
			)}
		</figure>
	);
}
