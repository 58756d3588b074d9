/** A document's whole text, with what the report cites marked and the chosen quote in view. */
import { ChevronDown, ChevronUp } from "lucide";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Report } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { count } from "../format.ts";
import { Icon } from "../icon.tsx";
import {
	type Block,
	blocksOf,
	piecesOf,
	sentenceAt,
} from "../research/sources.ts";
import { useText } from "../research/use-text.ts";
import { scrollWithKeys } from "../shell/scroll-with-keys.ts";
import { Dialog } from "./dialog.tsx";

export function Reader({ document }: { document: string }) {
	const model = useModel();
	const text = useText(document);
	const info = model.documents.value?.find((d) => d.id === document);
	const route = model.route.value;
	const report = model.job.value?.progress.value?.draft;
	const chosen =
		route.place === "job" && route.at !== null && report !== undefined
			? sentenceAt(report, route.at)?.citations.find(
					(citation) => citation.document === document,
				)
			: undefined;
	return (
		<Dialog title={model.documentName(document)} kind="reader">
			{info !== undefined && (
				<p class="hint">
					The text as it was read from the file:{" "}
					{count(info.passages, "passage")}
					{info.pages === undefined ? "" : `, ${count(info.pages, "page")}`},
					added on {model.nameOf(info.device)}.
				</p>
			)}
			{text.state === "coming" && <p class="muted">Opening…</p>}
			{text.state === "away" && (
				<p class="warn-text" role="alert">
					The text is not here. {text.reason}
				</p>
			)}
			{text.state === "here" && (
				<Text
					text={text.text}
					quotes={quotesOf(
						route.place === "job" ? report : undefined,
						document,
					)}
					first={chosen?.start ?? null}
				/>
			)}
		</Dialog>
	);
}

/** Where the report cites a document, in the order of its text, each place once. */
function quotesOf(report: Report | undefined, document: string): Block[] {
	const quotes = new Map<string, Block>();
	for (const section of report?.sections ?? []) {
		for (const { citations } of section.sentences) {
			for (const { document: cited, start, end } of citations) {
				if (cited === document) quotes.set(`${start}-${end}`, { start, end });
			}
		}
	}
	return [...quotes.values()].sort((a, b) => a.start - b.start);
}

function Text(props: { text: string; quotes: Block[]; first: number | null }) {
	const { text, quotes, first } = props;
	const found = quotes.findIndex((quote) => quote.start === first);
	const [at, setAt] = useState(found < 0 ? null : found);
	const body = useRef<HTMLElement>(null);
	const blocks = useMemo(() => blocksOf(text), [text]);
	useEffect(() => {
		if (at === null) return;
		body.current
			?.querySelector(`mark[data-quote="${at}"]`)
			?.scrollIntoView({ block: "center" });
	}, [at]);
	const step = (by: number) =>
		setAt(((at ?? (by > 0 ? -1 : 0)) + by + quotes.length) % quotes.length);
	return (
		<>
			{quotes.length > 0 && (
				<p class="quote-steps">
					{at === null
						? count(quotes.length, "quote")
						: `Quote ${at + 1} of ${quotes.length}`}
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Quote before"
						onClick={() => step(-1)}
					>
						<Icon of={ChevronUp} />
					</button>
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Next quote"
						onClick={() => step(1)}
					>
						<Icon of={ChevronDown} />
					</button>
				</p>
			)}
			<section
				class="text"
				ref={(element) => {
					body.current = element;
					scrollWithKeys(element);
				}}
				aria-label="Text of the document"
			>
				{blocks.map((block) => (
					<p key={block.start}>
						{piecesOf(text, block, quotes).map((piece, n) =>
							piece.mark === null ? (
								piece.text
							) : (
								<mark
									key={n}
									data-quote={piece.mark}
									class={piece.mark === at ? "on" : ""}
								>
									{piece.text}
								</mark>
							),
						)}
					</p>
				))}
			</section>
		</>
	);
}
