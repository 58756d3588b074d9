/** The layer rules of docs/architecture.md as data, and the check that holds the files to them. */
import { type Edge, edgesOf } from "./imports.ts";
import { type Finding, readSources } from "./source.ts";

/** A layer: a folder, and which others its files may import. A path in `may` is a folder or a single file. */
interface Layer {
	readonly may: readonly string[];
	/** May name files of `workers/` in a `new URL(…, import.meta.url)`: starting a worker is not importing it. */
	readonly startsWorkers?: true;
	/** What single files of the folder may import besides. */
	readonly exceptions?: Readonly<Record<string, readonly string[]>>;
}

const base = ["src/identity", "src/wire"];
const middle = ["src/replica", "src/mesh", ...base];
const upper = [
	"src/documents",
	"src/models",
	"src/coordination",
	"src/tasks",
	"src/observe",
	...middle,
];
const belowNode = ["src/agents", ...upper];

/** A folder imports itself and what stands here; siblings do not import each other. */
const layers: Readonly<Record<string, Layer>> = {
	"src/ui": {
		may: ["src/node/api.ts"],
		exceptions: {
			"src/ui/main.ts": ["src/node/page.ts", "src/guest/guest.ts"],
		},
	},
	"src/node": { may: [...belowNode, "src/platform"], startsWorkers: true },
	"src/agents": { may: upper },
	"src/documents": { may: middle },
	"src/models": { may: middle },
	"src/coordination": { may: middle },
	"src/tasks": { may: middle },
	"src/observe": { may: middle },
	"src/replica": { may: base },
	"src/mesh": { may: base },
	"src/identity": { may: ["src/wire"] },
	"src/wire": { may: [] },
	// Adapters implement ports, which are declared beside the code that needs them, up to those of node itself.
	"src/platform": {
		may: ["src/node/ports.ts", ...belowNode],
		startsWorkers: true,
	},
	// The page of people outside: an ordinary y-webrtc page, with nothing of a swarm in it.
	"src/guest": {
		may: [
			"src/ui/drafts",
			"src/ui/late.css",
			"src/replica/draft-text.ts",
			"src/platform/heard-connection.ts",
			"src/wire",
		],
	},
	workers: {
		may: ["src/node", "src/platform", ...belowNode],
		startsWorkers: true,
	},
	relay: { may: ["src/wire"] },
};

/** Nothing ships from here, so they may import anything; cycles are found here too. */
const free = ["tests", "bench", "scripts"];

/** Checks every file below `root`. Folders that do not exist are empty. */
export function checkLayers(root: string): Finding[] {
	const sources = readSources(root, ["src", "workers", "relay", ...free]);
	const read = sources.map((file) => edgesOf(root, file));
	const edges = read.flatMap((file) => file.edges);
	const inside = (path: string) => layerOf(path) !== undefined;
	return [
		...sources
			.filter((file) => !inside(file.path) && !isFree(file.path))
			.map(({ path }) => ({
				path,
				line: 1,
				message: "is in no layer of scripts/layers.ts",
			})),
		...read
			.flatMap((file) => file.findings)
			.filter((finding) => inside(finding.path)),
		...edges.flatMap(judge),
		...findCycles(edges),
	];
}

function judge(edge: Edge): Finding[] {
	const from = layerOf(edge.from);
	const layer = from === undefined ? undefined : layers[from];
	if (from === undefined || !layer) return [];
	const allowed = [
		from,
		...layer.may,
		...(layer.exceptions?.[edge.from] ?? []),
	];
	if (allowed.some((place) => isWithin(edge.to, place))) return [];
	if (edge.starts && layer.startsWorkers && isWithin(edge.to, "workers"))
		return [];
	const verb = edge.starts ? "start" : "import";
	const message = `${from} may not ${verb} ${edge.to}; it may import ${layer.may.join(", ") || "nothing of ours"}`;
	return [{ path: edge.from, line: edge.line, message }];
}

function layerOf(path: string): string | undefined {
	return Object.keys(layers).find((layer) => isWithin(path, layer));
}

function isFree(path: string): boolean {
	return free.some((folder) => isWithin(path, folder));
}

function isWithin(path: string, place: string): boolean {
	return path === place || path.startsWith(`${place}/`);
}

/** One finding for each import that closes a cycle in a depth-first walk, so breaking all of them leaves none. */
function findCycles(edges: readonly Edge[]): Finding[] {
	const out = new Map<string, Edge[]>();
	for (const edge of edges)
		out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
	const done = new Set<string>();
	const trail: string[] = [];
	const findings: Finding[] = [];
	function visit(path: string): void {
		if (done.has(path)) return;
		trail.push(path);
		for (const edge of out.get(path) ?? []) {
			const start = trail.indexOf(edge.to);
			if (start < 0) visit(edge.to);
			else {
				const cycle = [...trail.slice(start), edge.to].join(" → ");
				findings.push({ path, line: edge.line, message: `cycle: ${cycle}` });
			}
		}
		trail.pop();
		done.add(path);
	}
	for (const path of out.keys()) visit(path);
	return findings;
}
