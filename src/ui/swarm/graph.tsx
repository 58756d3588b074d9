/** The picture: pages as soft cells that hold their agents, lines for links, pulses for messages. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { roundTrip } from "../format.ts";
import { useHue } from "../shell/device-mark.tsx";
import { type Device, linkWords, workingOf } from "../shell/devices.ts";
import {
	between,
	type Cell,
	placeAgents,
	placeCells,
	type Size,
	softCircle,
} from "./layout.ts";
import { usePulses } from "./pulses.ts";

export function SwarmGraph(props: {
	devices: readonly Device[];
	selected: string | null;
}) {
	const frame = useRef<HTMLDivElement>(null);
	const size = useSize(frame);
	const pulses = usePulses();
	const cells = size === null ? [] : placeCells(props.devices, size);
	const [own] = cells;
	return (
		<section class="graph" aria-label="The swarm as a picture">
			<div class="picture" ref={frame}>
				{size !== null && own !== undefined && (
					<svg viewBox={`0 0 ${size.width} ${size.height}`}>
						<title>
							{props.devices.length} devices and how they are linked
						</title>
						{cells.slice(1).map((cell) => (
							<line
								key={cell.id}
								class={`link ${cell.page?.link?.via ?? "asleep"}`}
								{...between(own, cell)}
							/>
						))}
						{pulses.list.map((pulse) => {
							const from = cells.find((cell) => cell.id === pulse.from);
							if (from === undefined || from === own) return null;
							const line = between(own, from);
							return (
								<circle
									key={pulse.id}
									class="pulse"
									r="4"
									style={{
										"--x1": `${line.x2}px`,
										"--y1": `${line.y2}px`,
										"--x2": `${line.x1}px`,
										"--y2": `${line.y1}px`,
									}}
									onAnimationEnd={() => pulses.done(pulse.id)}
								/>
							);
						})}
						{cells.map((cell) => (
							<CellView
								key={cell.id}
								cell={cell}
								on={
									props.selected === cell.id ||
									props.selected === cell.device.device
								}
							/>
						))}
					</svg>
				)}
			</div>
			<Legend cells={cells} />
		</section>
	);
}

const links = [
	["rtc", "direct"],
	["tab", "same browser"],
	["forwarded", "through another"],
] as const;

/** What the lines that are there mean, and the dots. */
function Legend({ cells }: { cells: readonly Cell[] }) {
	const kinds = new Set(cells.map((cell) => cell.page?.link?.via));
	return (
		<ul class="legend" aria-label="Legend">
			{links
				.filter(([via]) => kinds.has(via))
				.map(([via, words]) => (
					<li key={via}>
						<svg viewBox="0 0 24 8" aria-hidden="true">
							<line class={`link ${via}`} x1="1" y1="4" x2="23" y2="4" />
						</svg>
						{words}
					</li>
				))}
			{["working", "idle"].map((state) => (
				<li key={state}>
					<svg viewBox="0 0 12 12" aria-hidden="true" class="d1">
						<circle class={`agent ${state}`} cx="6" cy="6" r="4.5" />
					</svg>
					{state} agent
				</li>
			))}
		</ul>
	);
}

function CellView({ cell, on }: { cell: Cell; on: boolean }) {
	const hue = useHue(cell.device.device);
	const { page, device } = cell;
	const agents = page?.agents ?? [];
	const at = placeAgents(agents.length, cell.r);
	const words = wordsOf(cell);
	const nth = device.pages.findIndex((known) => known.peer === page?.peer);
	const name = nth > 0 ? `${device.name}, page ${nth + 1}` : device.name;
	const number = nth > 0 ? ` · ${nth + 1}` : "";
	return (
		<a
			class={`cell ${hue} ${page === null ? "asleep" : ""} ${on ? "on" : ""}`}
			href={`#/swarm/${encodeURIComponent(page?.peer ?? device.device)}`}
			aria-label={`${name}: ${words}`}
			aria-current={on ? "true" : undefined}
			style={{ transform: `translate(${cell.x}px, ${cell.y}px)` }}
		>
			<path class="body" d={softCircle(cell.r, cell.id)} />
			{agents.map((agent, n) => (
				<circle
					key={agent.agent}
					class={agent.working > 0 ? "agent" : "agent idle"}
					cx={at[n]?.x}
					cy={at[n]?.y}
					r={at[n]?.r}
				>
					<title>
						{agent.card.name}: {agent.working > 0 ? "working" : "idle"}
					</title>
				</circle>
			))}
			<text y={cell.r + 20}>
				{shortened(device.name, cell.letters - number.length) + number}
			</text>
			{cell.lines === 2 && (
				<text class="sub" y={cell.r + 37}>
					{shortened(shortWords(cell), cell.letters + 4)}
				</text>
			)}
		</a>
	);
}

function shortWords({ page }: Cell): string {
	if (page === null) return "asleep";
	if (page.link === null) return "this page";
	if (page.link.via === "tab") return "same browser";
	const time = roundTrip(page.link.rttMs);
	if (page.link.via === "rtc") return time ?? "direct";
	return time === null ? "through another" : `${time}, via another`;
}

function wordsOf({ page }: Cell): string {
	if (page === null) return "asleep";
	const working = workingOf(page);
	const words =
		page.link === null
			? "this page"
			: [linkWords(page.link), roundTrip(page.link.rttMs)]
					.filter((word) => word !== null)
					.join(" · ");
	return working > 0 ? `${words} · ${working} working` : words;
}

function shortened(text: string, max: number): string {
	return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd()}…`;
}

function useSize(frame: { current: HTMLElement | null }): Size | null {
	const [size, setSize] = useState<Size | null>(null);
	const model = useModel();
	useEffect(() => {
		const element = frame.current;
		if (element === null) return;
		const observer = new ResizeObserver(([entry]) => {
			if (entry === undefined) return;
			const { width, height } = entry.contentRect;
			setSize({ width: Math.round(width), height: Math.round(height) });
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [frame, model]);
	return size;
}
