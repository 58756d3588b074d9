/** The same swarm as a table: one row a page, and one for each device that is asleep. */
import { useModel } from "../context.ts";
import { roundTrip } from "../format.ts";
import { DeviceMark } from "../shell/device-mark.tsx";
import { type Device, linkWords, type Page } from "../shell/devices.ts";
import { scrollWithKeys } from "../shell/scroll-with-keys.ts";

export function SwarmTable({ devices }: { devices: readonly Device[] }) {
	return (
		// Wider than a phone: it scrolls sideways by itself, with the keyboard too.
		<section
			class="table-frame"
			aria-label="Devices and pages"
			ref={scrollWithKeys}
		>
			<table class="swarm-table">
				<thead>
					<tr>
						<th scope="col">Device</th>
						<th scope="col">State</th>
						<th scope="col">Linked</th>
						<th scope="col" class="number">
							Round trip
						</th>
						<th scope="col">Agents</th>
					</tr>
				</thead>
				<tbody>
					{devices.flatMap((device) =>
						device.pages.length === 0
							? [<Row key={device.device} device={device} page={null} />]
							: device.pages.map((page) => (
									<Row key={page.peer} device={device} page={page} />
								)),
					)}
				</tbody>
			</table>
		</section>
	);
}

function Row({ device, page }: { device: Device; page: Page | null }) {
	const model = useModel();
	const nth = device.pages.findIndex((known) => known.peer === page?.peer);
	const id = page?.peer ?? device.device;
	return (
		<tr class={page === null ? "asleep" : ""}>
			<th scope="row">
				<DeviceMark small device={device.device} name={device.name} />
				<button
					type="button"
					class="link"
					onClick={() => model.go({ place: "swarm", selected: id })}
				>
					{nth > 0 ? `${device.name}, page ${nth + 1}` : device.name}
				</button>
			</th>
			<td>
				{page === null
					? "asleep"
					: page.agents.some((agent) => agent.working > 0)
						? "working"
						: "awake"}
			</td>
			<td>{page === null ? "–" : linkWords(page.link)}</td>
			<td class="number">{roundTrip(page?.link?.rttMs ?? null) ?? "–"}</td>
			<td>
				{page === null
					? "–"
					: page.agents
							.map((agent) =>
								agent.working > 0
									? `${agent.card.name} (working)`
									: agent.card.name,
							)
							.join(", ")}
			</td>
		</tr>
	);
}
