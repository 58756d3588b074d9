/** The banners themselves: not saved, something to note, joining, documents left behind, a new version. */

import { useSignal } from "@preact/signals";
import type { IconNode } from "lucide";
import {
	Files,
	HardDrive,
	LoaderCircle,
	Sparkles,
	TriangleAlert,
} from "lucide";
import type { ComponentChildren } from "preact";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import "./banners.css";
import type { Offline } from "./offline.ts";

export function BannerList({ offline }: { offline: Offline | null }) {
	const model = useModel();
	const status = model.status.value;
	const joining = status?.joining ?? null;
	const update = offline?.update.value;
	const declined = useSignal("");
	const came = status?.cameFrom ?? null;
	return (
		<>
			{status?.notSaved != null && (
				<Banner tone="warn" icon={HardDrive}>
					<b>Not saved.</b> {status.notSaved} It stays on the screen and on your
					other devices, and saving is tried again. Free some space on this
					device, and keep this page open until then.
				</Banner>
			)}
			{status?.warnings.map((warning) => (
				<Banner key={warning} tone="warn" icon={TriangleAlert}>
					<b>Take note.</b> {warning}
				</Banner>
			))}
			{joining !== null && (
				<Banner
					tone={joining.state === "failed" ? "warn" : "info"}
					icon={joining.state === "failed" ? TriangleAlert : LoaderCircle}
				>
					<b>
						{joining.state === "waiting"
							? "Waiting for a device."
							: joining.state === "linking"
								? "Joining."
								: "Joining did not work."}
					</b>{" "}
					{joining.message}
				</Banner>
			)}
			{came !== null && came.swarm !== declined.value && (
				<Banner tone="info" icon={Files}>
					<b>
						{came.documents === 1
							? "One document stayed behind."
							: `${came.documents} documents stayed behind.`}
					</b>{" "}
					Bring them along, and every device of this swarm can read them.
					<button
						type="button"
						class="link"
						onClick={() =>
							model.attempt("The documents stayed where they are", async () => {
								await model.shoal.documents.bring(came.swarm);
							})
						}
					>
						Bring them along
					</button>
					<button
						type="button"
						class="link"
						onClick={() => {
							declined.value = came.swarm;
						}}
					>
						Leave them
					</button>
				</Banner>
			)}
			{update !== "none" && (
				<Banner tone="info" icon={Sparkles}>
					<b>A new version is ready.</b>{" "}
					{update === "waiting-for-work"
						? "It starts when the work on this device is done."
						: "Everything you have stays as it is."}
					{update === "ready" && (
						<button
							type="button"
							class="link"
							onClick={() =>
								model.attempt("The update waits", async () => offline?.apply())
							}
						>
							Start it now
						</button>
					)}
				</Banner>
			)}
		</>
	);
}

function Banner(props: {
	tone: "warn" | "info";
	icon: IconNode;
	children: ComponentChildren;
}) {
	return (
		<div class={`notice banner ${props.tone}`}>
			<Icon of={props.icon} />
			<p>{props.children}</p>
		</div>
	);
}
