/** What an agent's skill can reach of its node: documents, shared state, messages. */
import type { HostContext } from "../agents/host.ts";
import type { Messenger } from "../mesh/messenger.ts";
import type { Documents } from "./documents.ts";
import type { SharedState } from "./state.ts";

export function contextOf(deps: {
	readonly documents: Documents;
	readonly state: SharedState;
	readonly messenger: Messenger;
}): HostContext {
	const { documents, state, messenger } = deps;
	return {
		text: (document) => documents.extracted(document),
		emit: async (topic, data) => messenger.publish(topic, data),
		request: (to, method, params) => messenger.request(to, method, params),
		put: (space, key, value) => state.put(space, key, value),
		entries: async (space) => state.entries(space),
	};
}
