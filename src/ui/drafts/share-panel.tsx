/** The way of a draft to people outside the swarm: closed, or open with what to hand them. */
import { DoorOpen, Laptop, Lock, Trash2 } from "lucide";
import { useState } from "preact/hooks";
import type { DraftShare, DraftView } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { onlyThisComputer } from "../dialogs/invite-address.ts";
import { count, fileSize } from "../format.ts";
import { Icon } from "../icon.tsx";
import { CopyField } from "./copy-field.tsx";

export function SharePanel({ view }: { view: DraftView }) {
	return (
		<aside class="share-panel" aria-label="People outside">
			{view.share === null ? (
				<Closed view={view} />
			) : (
				<Open view={view} share={view.share} />
			)}
			<Remove view={view} />
		</aside>
	);
}

function Closed({ view: { id, size } }: { view: DraftView }) {
	const model = useModel();
	const [isBusy, setBusy] = useState(false);
	return (
		<section>
			<h3>
				<Icon of={Lock} size={16} /> Only this swarm
			</h3>
			<p>
				You can open this draft, and nothing else, to somebody who is not in the
				swarm. They get a link; what they write is marked.
			</p>
			<button
				type="button"
				class="quiet"
				disabled={isBusy || size.state === "over"}
				onClick={() => {
					setBusy(true);
					model.attempt("The draft could not be opened", async () => {
						try {
							await model.shoal.drafts.share(id);
							model.say("Open to people outside");
						} finally {
							setBusy(false);
						}
					});
				}}
			>
				<Icon of={DoorOpen} size={16} /> Open to people outside
			</button>
			{size.state === "over" && (
				<p class="hint">
					Too large for that: {fileSize(size.bytes)}, and {fileSize(size.limit)}{" "}
					is the most that can be shared outside.
				</p>
			)}
		</section>
	);
}

function Open({ view, share }: { view: DraftView; share: DraftShare }) {
	const model = useModel();
	const isMine = share.device === model.status.value?.me.device;
	return (
		<section>
			<h3>
				<Icon of={DoorOpen} size={16} /> Open to people outside
			</h3>
			<p role="status">
				{peopleWords(share.people, isMine ? null : model.nameOf(share.device))}
			</p>
			{onlyThisComputer(share.url) && (
				<p class="warn-text">
					<Icon of={Laptop} size={16} />
					<span>
						<b>Only this computer can open this link.</b> For others, start
						Shoal with <code>npm start -- --lan</code>.
					</span>
				</p>
			)}
			<CopyField label="Link" value={share.url} />
			<p class="hint">
				Whoever has the link can read this draft and write in it, and can pass
				the link on. Nothing else of the swarm is in it.{" "}
				{isMine
					? "It works while a page of this device is open."
					: `It works while a page of ${model.nameOf(share.device)} is open.`}
			</p>
			<details>
				<summary>For a y-webrtc page of their own</summary>
				<div>
					<CopyField label="Password" value={share.password} />
					<CopyField label="Room" value={share.room} />
					<CopyField label="Signalling server" value={share.signaling} />
					<p class="hint">
						The text is <code>doc.getText("draft")</code>, and plain: anything
						else closes the room.
					</p>
				</div>
			</details>
			<button
				type="button"
				class="quiet"
				onClick={() =>
					model.attempt("The draft could not be closed", async () => {
						await model.shoal.drafts.unshare(view.id);
						model.say("Closed to people outside");
					})
				}
			>
				<Icon of={Lock} size={16} /> Close to people outside
			</button>
		</section>
	);
}

/** @param holder the name of the device that holds the room, `null` for this one */
function peopleWords(people: number | null, holder: string | null): string {
	if (people === null)
		return `Held open by ${holder ?? "another page of this device"}.`;
	if (people === 0) return "Nobody is here from outside yet.";
	return `${count(people, "person is", "people are")} here from outside.`;
}

function Remove({ view: { id, title } }: { view: DraftView }) {
	const model = useModel();
	const [isAsked, setAsked] = useState(false);
	const role = model.status.value?.members.find(
		({ device }) => device === model.status.value?.me.device,
	)?.role;
	if (role !== "owner" && role !== "admin") return null;
	return (
		<div class="remove">
			{isAsked ? (
				<>
					<p>It is removed on every device, and cannot be brought back.</p>
					<button
						type="button"
						class="quiet danger small"
						onClick={() =>
							model.attempt("The draft could not be removed", async () => {
								await model.shoal.drafts.remove(id);
								model.say(`${title} removed`);
								model.go({ place: "drafts", draft: null });
							})
						}
					>
						Remove for everybody
					</button>
					<button
						type="button"
						class="ghost small"
						onClick={() => setAsked(false)}
					>
						Keep it
					</button>
				</>
			) : (
				<button
					type="button"
					class="ghost small"
					onClick={() => setAsked(true)}
				>
					<Icon of={Trash2} size={16} /> Remove this draft
				</button>
			)}
		</div>
	);
}
