/** The swarm: a picture of its devices, pages and agents, or the same as a table; beside it the chosen device. */
import { Orbit, Plus, Table2 } from "lucide";
import { useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { count } from "../format.ts";
import { Icon } from "../icon.tsx";
import { devicesOf } from "../shell/devices.ts";
import type { Offline } from "../shell/offline.ts";
import { DevicePanel } from "./device-panel.tsx";
import { SwarmGraph } from "./graph.tsx";
import "./swarm.css";
import { SwarmTable } from "./table.tsx";

export function SwarmScreen({ offline }: { offline: Offline | null }) {
	const model = useModel();
	const [table, setTable] = useState(false);
	const status = model.status.value;
	if (status === null) {
		return (
			<main id="content" class="waking" tabIndex={-1}>
				<p class="muted">Waking up…</p>
			</main>
		);
	}
	const devices = devicesOf(status);
	const route = model.route.value;
	const selected = route.place === "swarm" ? route.selected : null;
	const chosen =
		devices.find(
			(device) =>
				device.device === selected ||
				device.pages.some((page) => page.peer === selected),
		) ?? null;
	const pages = devices.reduce((sum, device) => sum + device.pages.length, 0);
	const working = status.agents.filter((agent) => agent.working > 0).length;
	return (
		<div class="swarm">
			<main id="content" tabIndex={-1}>
				<header class="swarm-head">
					<p>
						{count(devices.length, "device")} · {count(pages, "page")} ·{" "}
						{count(status.agents.length, "agent")}
						{working > 0 && `, ${working} working`}
					</p>
					<button
						type="button"
						class="quiet small"
						onClick={() => setTable(!table)}
					>
						<Icon of={table ? Orbit : Table2} size={16} />
						{table ? "As a picture" : "As a table"}
					</button>
				</header>
				{table ? (
					<SwarmTable devices={devices} />
				) : (
					<SwarmGraph devices={devices} selected={selected} />
				)}
				{devices.length === 1 && (
					<p class="alone">
						A swarm of one. Add a phone or another computer and they share the
						work.{" "}
						<button
							type="button"
							class="link"
							onClick={() => model.open({ kind: "add-device" })}
						>
							<Icon of={Plus} size={16} /> Add a device
						</button>
					</p>
				)}
			</main>
			<DevicePanel
				device={chosen ?? devices[0] ?? null}
				closable={chosen !== null}
				offline={offline}
			/>
		</div>
	);
}
