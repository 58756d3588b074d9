/** Notes between the pages of one device, on BroadcastChannel; nobody hears them where the browser has none. */
import type { DeviceChannel, DeviceNote } from "../node/ports.ts";

export function openDeviceChannel(): DeviceChannel {
	if (typeof BroadcastChannel === "undefined")
		return { tell: () => undefined, listen: () => undefined };
	const channel = new BroadcastChannel("shoal");
	return {
		tell: (note) => channel.postMessage(note),
		listen(listener) {
			channel.onmessage = ({ data }: MessageEvent<DeviceNote>) =>
				listener(data);
		},
	};
}
