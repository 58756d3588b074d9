/** The bar: the swarm's name, who is in it, and the two things one does from everywhere. */
import { CloudOff, Command, Plus } from "lucide";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { DeviceMark } from "./device-mark.tsx";
import { devicesOf, deviceWords } from "./devices.ts";

export function Bar() {
	const model = useModel();
	const status = model.status.value;
	return (
		<header class="bar">
			<h1>
				<button
					type="button"
					class="plain"
					aria-label={`${status?.swarmName ?? "Shoal"}: your swarms`}
					onClick={() => model.open({ kind: "swarms" })}
				>
					{status?.swarmName ?? "Shoal"}
				</button>
			</h1>
			<ul class="devices" aria-label="Devices">
				{(status === null ? [] : devicesOf(status)).map((device) => (
					<li key={device.device} class={device.state}>
						<a href={`#/swarm/${encodeURIComponent(device.device)}`}>
							<DeviceMark device={device.device} name={device.name} />
							<span>
								<b>{device.name}</b>
								<small>{deviceWords(device)}</small>
							</span>
						</a>
					</li>
				))}
			</ul>
			{status !== null && status.relay !== "connected" && (
				<p
					class="relay"
					title="Devices that are linked keep working together. New ones cannot join until it answers again."
				>
					<Icon of={CloudOff} size={16} />
					{status.relay === "connecting" ? "Connecting" : "Server away"}
				</p>
			)}
			<button
				type="button"
				class="quiet only-icon"
				aria-label="Commands"
				aria-keyshortcuts="Control+K Meta+K"
				title="Commands (Ctrl K)"
				onClick={() => model.open({ kind: "palette" })}
			>
				<Icon of={Command} />
			</button>
			<button
				type="button"
				class="quiet add"
				onClick={() => model.open({ kind: "add-device" })}
			>
				<Icon of={Plus} />
				Add a device
			</button>
		</header>
	);
}
