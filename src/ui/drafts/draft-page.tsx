/** One draft: its text, what came from outside, how near it is to what a room can carry, and the way outside. */
import { ArrowLeft, TriangleAlert } from "lucide";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { DraftId, DraftInfo, DraftView } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { fileSize, listed, moment } from "../format.ts";
import { Icon } from "../icon.tsx";
import { SharePanel } from "./share-panel.tsx";
import { TextEditor } from "./text-editor.tsx";
import type { ShowText } from "./text-field.ts";

export function DraftPage({ info }: { info: DraftInfo }) {
	const model = useModel();
	const { id } = info;
	const [view, setView] = useState<DraftView | null>(null);
	const open = useOpenDraft(id, setView);
	return (
		<>
			<article class="draft">
				<header>
					<a class="back" href="#/drafts">
						<Icon of={ArrowLeft} size={16} /> Drafts
					</a>
					<h2>{info.title}</h2>
					<small>
						Begun by {model.nameOf(info.device)},{" "}
						{moment(info.createdAt, Date.now())}
					</small>
				</header>
				{view !== null && <Ended view={view} />}
				{view !== null && <NearLimit view={view} />}
				<TextEditor open={open} label={info.title} spans={view?.spans ?? []} />
				{view !== null && <FromOutside view={view} />}
			</article>
			{view !== null && <SharePanel view={view} />}
		</>
	);
}

/** What a field needs of the page API to show a draft and to write into it. */
function useOpenDraft(id: DraftId, onView: (view: DraftView) => void) {
	const model = useModel();
	return useCallback(
		(show: ShowText) => {
			const opened = model.shoal.drafts.open(id, (now, move) => {
				onView(now);
				show(now.text, move);
			});
			return {
				type: (text: string, shown: string) =>
					model.attempt("What you typed could not be saved", () =>
						opened.type(text, shown),
					),
				close: () => opened.close(),
			};
		},
		[model, id, onView],
	);
}

/** Why the last room was closed, where nobody asked for it. */
function Ended({ view: { closedBecause } }: { view: DraftView }) {
	return closedBecause === null ? null : (
		<p class="warn-text" role="alert">
			<Icon of={TriangleAlert} />
			<span>
				<b>Closed to people outside.</b> {closedBecause} Everything in the draft
				is kept.
			</span>
		</p>
	);
}

/** Before a room breaks. */
function NearLimit({ view: { size, share } }: { view: DraftView }) {
	if (size.state !== "near") return null;
	const room = `${fileSize(size.bytes)} of ${fileSize(size.limit)}`;
	return (
		<p class="warn-text" role="alert">
			<Icon of={TriangleAlert} />
			<span>
				<b>
					{share === null
						? "Nearly too large to be opened to people outside"
						: "Nearly too large to stay open to people outside"}
					: {room}.
				</b>{" "}
				{share === null
					? "Within this swarm it may grow on."
					: "Make it shorter, or go on in a second draft. Beyond that it is closed to them; nothing is lost here."}
				<progress
					aria-label="How much of what can be shared outside it takes"
					max={size.limit}
					value={size.bytes}
				/>
			</span>
		</p>
	);
}

/** Quotes of this many characters tell a passage from its neighbours. */
const QUOTE = 90;
const MAX_QUOTES = 12;

function FromOutside({ view }: { view: DraftView }) {
	const model = useModel();
	const spans = view.spans.filter(
		({ outside, start, end }) =>
			outside && view.text.slice(start, end).trim() !== "",
	);
	const devices = [...new Set(spans.map(({ device }) => device))];
	const [all, setAll] = useState(false);
	useEffect(() => setAll(false), [view.id]);
	if (spans.length === 0) return null;
	const shown = all ? spans : spans.slice(0, MAX_QUOTES);
	return (
		<section class="from-outside" aria-label="From outside">
			<h3>
				<mark>From outside</mark>
			</h3>
			<p class="hint">
				Marked in the text. Nobody has signed it: this swarm knows only that it
				came in through {listed(devices.map((device) => model.nameOf(device)))}.
			</p>
			<ul>
				{shown.map(({ start, end }) => (
					<li key={start}>{quoted(view.text.slice(start, end))}</li>
				))}
			</ul>
			{shown.length < spans.length && (
				<button type="button" class="link" onClick={() => setAll(true)}>
					Show all {spans.length}
				</button>
			)}
		</section>
	);
}

function quoted(text: string): string {
	const words = text.trim().replace(/\s+/g, " ");
	return words.length <= QUOTE
		? `“${words}”`
		: `“${[...words].slice(0, QUOTE).join("")}…”`;
}
