/** The strip under a document: one tick a passage, in the hue of the device that read it. */
import type { DocumentInfo, Progress } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { listed, ofAll } from "../format.ts";
import "./strip.css";
import { packTicks, readBy, tickPaths } from "./strip.ts";

/** With more ticks than this a gap between each two would be as wide as they are. */
const GAPS_UP_TO = 130;
/** About the width of a strip, so that gaps are a pixel wide. */
const PIXELS = 224;

export function PassageStrip(props: {
	document: DocumentInfo;
	readings: Progress["readings"];
}) {
	const model = useModel();
	const { id, passages } = props.document;
	if (passages === 0) return null;
	const ticks = packTicks(id, passages, props.readings);
	const by = readBy(id, props.readings);
	const read = by.reduce((sum, reader) => sum + reader.passages, 0);
	const words = by.map((b) => `${model.nameOf(b.device)} ${b.passages}`);
	const label =
		read === 0
			? `${passages} passages, none read for this question`
			: `${ofAll(read, passages)} passages read: ${listed(words)}`;
	const gap = ticks.length <= GAPS_UP_TO ? ticks.length / PIXELS / 1.2 : 0;
	return (
		<svg
			class="strip"
			role="img"
			aria-label={label}
			viewBox={`0 0 ${ticks.length - gap} 1`}
			preserveAspectRatio="none"
		>
			<title>{label}</title>
			{tickPaths(ticks, gap).map(({ device, path }) => (
				<path
					key={device ?? "unread"}
					class={
						device === null
							? "unread"
							: `read d${model.hues.value.get(device) ?? 1}`
					}
					d={path}
				/>
			))}
		</svg>
	);
}
