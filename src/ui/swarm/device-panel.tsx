/** One device: what it is called, how it is linked, what its agents do, what it did for the open question. */
import { Pencil, X } from "lucide";
import { useModel } from "../context.ts";
import { count, roundTrip } from "../format.ts";
import { Icon } from "../icon.tsx";
import { workByDevice } from "../research/contributors.tsx";
import { DeviceMark } from "../shell/device-mark.tsx";
import { type Device, deviceWords, linkWords } from "../shell/devices.ts";
import type { Offline } from "../shell/offline.ts";

export function DevicePanel(props: {
	device: Device | null;
	closable: boolean;
	offline: Offline | null;
}) {
	const model = useModel();
	const { device } = props;
	const status = model.status.value;
	if (device === null || status === null) return null;
	const progress = model.job.value?.progress.value ?? null;
	const work =
		progress === null
			? undefined
			: workByDevice(progress).find((row) => row.device === device.device);
	const documents = (model.documents.value ?? []).filter(
		(document) => document.device === device.device,
	);
	return (
		<aside
			class={`device-panel ${props.closable ? "chosen" : ""}`}
			aria-label={device.name}
		>
			<header>
				<DeviceMark device={device.device} name={device.name} />
				<div>
					<h2>{device.name}</h2>
					<small>{deviceWords(device)}</small>
				</div>
				{device.mine && (
					<button
						type="button"
						class="ghost only-icon"
						aria-label="Rename this device"
						title="Rename"
						onClick={() => model.open({ kind: "rename" })}
					>
						<Icon of={Pencil} size={16} />
					</button>
				)}
				{props.closable && (
					<button
						type="button"
						class="ghost only-icon close"
						aria-label="Close"
						onClick={() => model.go({ place: "swarm", selected: null })}
					>
						<Icon of={X} />
					</button>
				)}
			</header>
			<dl>
				{device.pages
					.filter((page) => page.link !== null)
					.map((page) => (
						<Fact key={page.peer} name={device.mine ? "Other page" : "Linked"}>
							{[linkWords(page.link), roundTrip(page.link?.rttMs ?? null)]
								.filter((word) => word !== null)
								.join(", ")}
						</Fact>
					))}
				{device.role !== null && <Fact name="Role">{device.role}</Fact>}
				<Fact name="Open pages">{device.pages.length}</Fact>
				<Fact name="Documents added here">{documents.length}</Fact>
				{work !== undefined && (
					<>
						<Fact name="Tasks for the open question">{work.tasks}</Fact>
						<Fact name="Passages it has read for it">{work.passages}</Fact>
					</>
				)}
				{device.mine && (
					<>
						<Fact name="Its key">
							{status.me.keys === "hardware"
								? "locked in this browser"
								: "in this browser's storage"}
						</Fact>
						<Fact name="Opens without the server">
							{props.offline?.ready.value ? "yes" : "not yet"}
						</Fact>
						<Fact name="Server">
							{status.relay === "connected"
								? "connected"
								: status.relay === "connecting"
									? "connecting"
									: "away; linked devices go on"}
						</Fact>
					</>
				)}
			</dl>
			{device.state === "asleep" ? (
				<p class="hint">
					Asleep: no page of it is open. Its work has moved to the others; open
					Shoal there to bring it back.
				</p>
			) : (
				<Agents device={device} />
			)}
		</aside>
	);
}

/** Agents by name: those of several pages of a device are one line. */
function Agents({ device }: { device: Device }) {
	const agents = new Map<string, Line>();
	for (const { card, working } of device.pages.flatMap((page) => page.agents)) {
		const line = agents.get(card.name);
		agents.set(card.name, {
			description: card.description,
			working: (line?.working ?? 0) + working,
		});
	}
	return (
		<>
			<h3>Agents</h3>
			<ul class="agents">
				{[...agents].map(([name, line]) => (
					<li key={name}>
						<i aria-hidden="true" class={line.working > 0 ? "" : "idle"} />
						<span>
							{name}
							<small>{line.description}</small>
						</span>
						<small>
							{line.working === 0 ? "idle" : count(line.working, "task")}
						</small>
					</li>
				))}
			</ul>
		</>
	);
}

interface Line {
	readonly description: string;
	readonly working: number;
}

function Fact(props: { name: string; children: string | number }) {
	return (
		<div>
			<dt>{props.name}</dt>
			<dd>{props.children}</dd>
		</div>
	);
}
