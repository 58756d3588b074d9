/** What a page listens to goes on when another swarm becomes the active one. */
import type { Node } from "./node.ts";

/** Begins again in every swarm that becomes the active one. Returns what ends it. */
export function onEachSwarm(
	node: Node,
	begin: (node: Node) => () => void,
): () => void {
	let end = begin(node);
	const stop = node.onSwarm(() => {
		end();
		end = begin(node);
	});
	return () => {
		stop();
		end();
	};
}
