/** The drafts: a list of the texts that this swarm writes together, and the one that is open. */
import { DoorOpen, Plus } from "lucide";
import { useEffect, useState } from "preact/hooks";
import type { DraftInfo } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { moment } from "../format.ts";
import { Icon } from "../icon.tsx";
import { DraftPage } from "./draft-page.tsx";
import "../late.css";
import "./drafts.css";
import "./text-field.css";

export function DraftsScreen() {
	const model = useModel();
	const [drafts, setDrafts] = useState<readonly DraftInfo[] | null>(null);
	useEffect(() => model.shoal.drafts.watch(setDrafts), [model]);
	const route = model.route.value;
	const wanted = route.place === "drafts" ? route.draft : null;
	const open = drafts?.find(({ id }) => id === wanted);
	return (
		<div class={`drafts ${wanted === null ? "at-list" : "at-draft"}`}>
			<section class="draft-list" aria-label="All drafts">
				<h2>Drafts</h2>
				<NewDraft />
				{drafts !== null && <List drafts={drafts} open={wanted} />}
			</section>
			<main id="content" tabIndex={-1}>
				{open !== undefined ? (
					<DraftPage key={open.id} info={open} />
				) : (
					drafts !== null && (
						<Nothing
							isMissing={wanted !== null}
							isEmpty={drafts.length === 0}
						/>
					)
				)}
			</main>
		</div>
	);
}

function NewDraft() {
	const model = useModel();
	const [title, setTitle] = useState("");
	const [isBusy, setBusy] = useState(false);
	return (
		<form
			class="new-draft"
			onSubmit={(event) => {
				event.preventDefault();
				if (isBusy) return;
				setBusy(true);
				model.attempt("The draft could not be made", async () => {
					try {
						const { id } = await model.shoal.drafts.create({ title });
						setTitle("");
						model.go({ place: "drafts", draft: id });
					} finally {
						setBusy(false);
					}
				});
			}}
		>
			<input
				aria-label="Title of a new draft"
				placeholder="Title of a new draft"
				maxLength={120}
				autocomplete="off"
				value={title}
				onInput={(event) => setTitle(event.currentTarget.value)}
			/>
			<button
				type="submit"
				class="quiet only-icon"
				aria-label="Begin a draft"
				title="Begin a draft"
				disabled={isBusy}
			>
				<Icon of={Plus} />
			</button>
		</form>
	);
}

function List(props: { drafts: readonly DraftInfo[]; open: string | null }) {
	const model = useModel();
	const now = Date.now();
	if (props.drafts.length === 0) return null;
	return (
		<ol>
			{props.drafts.map(({ id, title, device, createdAt, isShared }) => (
				<li key={id}>
					<a
						href={`#/drafts/${id}`}
						aria-current={id === props.open ? "true" : undefined}
					>
						<span>{title}</span>
						<small>
							{model.nameOf(device)} · {moment(createdAt, now)}
						</small>
						{isShared && (
							<small class="shared">
								<Icon of={DoorOpen} size={14} /> open to people outside
							</small>
						)}
					</a>
				</li>
			))}
		</ol>
	);
}

function Nothing(props: { isMissing: boolean; isEmpty: boolean }) {
	if (props.isMissing)
		return (
			<div class="no-draft">
				<h2>This draft is not here</h2>
				<p class="lead">
					It was removed, or no device that has it is awake.{" "}
					<a href="#/drafts">All drafts</a>
				</p>
			</div>
		);
	return (
		<div class={`no-draft ${props.isEmpty ? "" : "choose"}`}>
			<h2>{props.isEmpty ? "Write together" : "Choose a draft"}</h2>
			<p class="lead">
				{props.isEmpty
					? "A draft is a text that every device of this swarm can edit at once. Everybody’s words are signed, and each device has all of it. Give one a title and begin."
					: "Or give a new one a title and begin."}
			</p>
		</div>
	);
}
