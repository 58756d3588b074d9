/** The tab channel on BroadcastChannel; absent where the browser has none. */
import type { TabChannel, TabMessage } from "../mesh/ports.ts";

export function openTabChannel(name: string): TabChannel | undefined {
	if (typeof BroadcastChannel === "undefined") return undefined;
	const channel = new BroadcastChannel(name);
	return {
		post: (message) => channel.postMessage(message),
		listen(listener) {
			channel.onmessage = ({ data }: MessageEvent<TabMessage>) =>
				listener(data);
		},
		close: () => channel.close(),
	};
}
