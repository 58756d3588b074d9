/** A device's circle: its hue and its letter, always beside its name. */
import type { DeviceId } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { initial } from "../hues.ts";

export function DeviceMark(props: {
	device: DeviceId;
	name: string;
	small?: boolean;
}) {
	return (
		<i
			aria-hidden="true"
			class={`device-mark ${useHue(props.device)} ${props.small ? "small" : ""}`}
		>
			{initial(props.name)}
		</i>
	);
}

/** The class that sets `--d` to the hue of a device. */
export function useHue(device: DeviceId): string {
	return `d${useModel().hues.value.get(device) ?? 1}`;
}
