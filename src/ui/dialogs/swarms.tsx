/** The swarms that this device is in: change over, make one, leave. */
import { Check, Plus } from "lucide";
import { useEffect, useState } from "preact/hooks";
import type { SwarmInfo } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { Dialog } from "./dialog.tsx";

export function Swarms() {
	const model = useModel();
	const [swarms, setSwarms] = useState<readonly SwarmInfo[]>([]);
	const [name, setName] = useState("");
	const [leaving, setLeaving] = useState(false);
	useEffect(() => {
		model.attempt("Your swarms could not be listed", async () =>
			setSwarms(await model.shoal.swarms()),
		);
	}, [model]);
	function change(what: string, run: () => Promise<unknown>): void {
		model.close();
		model.attempt(what, async () => {
			await run();
			model.go({ place: "ask" });
		});
	}
	return (
		<Dialog title="Your swarms" kind="small-dialog">
			<p class="lead">
				Devices, documents and questions belong to one swarm. One is open at a
				time.
			</p>
			<ul class="swarm-list">
				{swarms.map((swarm) => (
					<li key={swarm.swarm}>
						<button
							type="button"
							class="plain"
							aria-current={swarm.active ? "true" : undefined}
							onClick={() =>
								change("The swarm could not be opened", () =>
									model.shoal.use(swarm.swarm),
								)
							}
						>
							{swarm.name}
							{swarm.active && <Icon of={Check} size={16} />}
						</button>
					</li>
				))}
			</ul>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					const wanted = name.trim();
					change("The swarm could not be made", () =>
						model.shoal.createSwarm(wanted === "" ? {} : { name: wanted }),
					);
				}}
			>
				<label for="swarm-name">A new swarm</label>
				<div class="link-field">
					<input
						id="swarm-name"
						value={name}
						maxLength={60}
						placeholder="Its name"
						autocomplete="off"
						onInput={(event) => setName(event.currentTarget.value)}
					/>
					<button type="submit" class="quiet">
						<Icon of={Plus} size={16} /> Make
					</button>
				</div>
			</form>
			{leaving ? (
				<p class="confirm-line" role="alert">
					This device forgets the open swarm, its documents and reports. Other
					devices keep theirs.{" "}
					<button
						type="button"
						class="link danger"
						onClick={() =>
							change("The swarm could not be left", () => model.shoal.leave())
						}
					>
						Leave it
					</button>{" "}
					<button type="button" class="link" onClick={() => setLeaving(false)}>
						Stay
					</button>
				</p>
			) : (
				<button
					type="button"
					class="link danger"
					onClick={() => setLeaving(true)}
				>
					Leave the open swarm…
				</button>
			)}
		</Dialog>
	);
}
