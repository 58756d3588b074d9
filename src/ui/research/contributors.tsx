/** Who did what for a question: tasks and passages, by device. */
import type { DeviceId, Progress } from "../../node/api.ts";
import "./sources.css";
import { useModel } from "../context.ts";
import { count } from "../format.ts";
import { DeviceMark } from "../shell/device-mark.tsx";

export function Contributors({ progress }: { progress: Progress }) {
	const model = useModel();
	const work = workByDevice(progress);
	if (work.length === 0) return null;
	return (
		<section class="contributors">
			<h2>Who did what</h2>
			<table>
				<thead class="unseen">
					<tr>
						<th scope="col">Device</th>
						<th scope="col">Tasks</th>
						<th scope="col">Passages read</th>
					</tr>
				</thead>
				<tbody>
					{work.map((row) => (
						<tr key={row.device}>
							<th scope="row">
								<div title={row.agents.join(", ")}>
									<DeviceMark
										small
										device={row.device}
										name={model.nameOf(row.device)}
									/>
									<span>
										{model.nameOf(row.device)}
										<small>
											{row.agents.length > 2
												? count(row.agents.length, "agent")
												: row.agents.join(", ")}
										</small>
									</span>
								</div>
							</th>
							<td>{count(row.tasks, "task")}</td>
							<td>{count(row.passages, "passage")}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

interface Work {
	readonly device: DeviceId;
	tasks: number;
	passages: number;
	readonly agents: string[];
}

/** Sums a job's work by device, the busiest first. */
export function workByDevice(
	progress: Pick<Progress, "contributors" | "readings">,
): Work[] {
	const byDevice = new Map<DeviceId, Work>();
	const row = (device: DeviceId): Work => {
		const known = byDevice.get(device);
		if (known !== undefined) return known;
		const made: Work = { device, tasks: 0, passages: 0, agents: [] };
		byDevice.set(device, made);
		return made;
	};
	for (const { device, agent, tasks } of progress.contributors) {
		const work = row(device);
		work.tasks += tasks;
		if (!work.agents.includes(agent)) work.agents.push(agent);
	}
	for (const { device, from, to } of progress.readings) {
		row(device).passages += to - from;
	}
	return [...byDevice.values()].sort(
		(a, b) => b.tasks - a.tasks || b.passages - a.passages,
	);
}
