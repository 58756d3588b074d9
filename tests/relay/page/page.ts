/** A page with an unmodified y-webrtc client, driven from the test. */
import { WebrtcProvider } from "y-webrtc";
import { Doc } from "yjs";

declare global {
	/** Joins a room through a relay; the document's map `shared` is what the test reads and writes. */
	var join: (signaling: string, room: string) => void;
	var put: (key: string, value: string) => void;
	var read: () => Record<string, unknown>;
	/** Tries to run text as code and as markup; tells what each attempt came to. */
	var misbehave: () => Promise<string[]>;
	/** What the page was not allowed to do. */
	var violations: string[];
}

const doc = new Doc();
const shared = doc.getMap("shared");
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
	globalThis.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
});
globalThis.join = (signaling, room) => {
	new WebrtcProvider(room, doc, {
		signaling: [signaling],
		// Its defaults name public STUN servers (rule L9).
		peerOpts: { config: { iceServers: [] } },
	});
};
globalThis.put = (key, value) => {
	shared.set(key, value);
};
globalThis.read = () => shared.toJSON();

const attempts: readonly (() => unknown)[] = [
	() => new Function("globalThis.injected = 1")(),
	() => {
		document.body.innerHTML = "<img src=x onerror='injected = 1'>";
	},
	() => {
		const script = document.createElement("script");
		script.text = "globalThis.injected = 1";
		document.body.append(script);
	},
	() => new Worker("/assets/x.js"),
];
globalThis.misbehave = async () => {
	// What a debugger evaluates may do what the page itself may not, so in a task of the page's own.
	await new Promise((resolve) => setTimeout(resolve, 0));
	return attempts.map((attempt) => {
		try {
			attempt();
			return "done";
		} catch (error) {
			return error instanceof Error ? error.name : String(error);
		}
	});
};
