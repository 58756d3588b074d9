/** What the command palette can do, as data, and the filter over it. */
import type { IconNode } from "lucide";
import {
	BookOpenText,
	FilePlus,
	History,
	Pencil,
	Plus,
	Repeat,
	Square,
	SquarePen,
	SunMoon,
	Table2,
	Waypoints,
} from "lucide";
import type { Model } from "../model.ts";
import { nextTheme, setTheme, theme } from "../theme.ts";

export interface Command {
	readonly name: string;
	readonly icon: IconNode;
	/** Other words that find it. */
	readonly also: string;
	run(): void;
}

/** The commands that make sense now. */
export function commandsOf(model: Model, pickFiles: () => void): Command[] {
	const commands: Command[] = [
		{
			name: "New question",
			icon: BookOpenText,
			also: "ask research start",
			run: () => model.go({ place: "ask" }),
		},
		{
			name: "Add files",
			icon: FilePlus,
			also: "documents upload open",
			run: pickFiles,
		},
		{
			name: "Add a device",
			icon: Plus,
			also: "invite join link qr phone",
			run: () => model.open({ kind: "add-device" }),
		},
		{
			name: "Go to Swarm",
			icon: Waypoints,
			also: "devices agents graph",
			run: () => model.go({ place: "swarm", selected: null }),
		},
		{
			name: "Go to Drafts",
			icon: SquarePen,
			also: "write text edit together outside",
			run: () => model.go({ place: "drafts", draft: null }),
		},
		{
			name: "Rename this device",
			icon: Pencil,
			also: "name",
			run: () => model.open({ kind: "rename" }),
		},
		{
			name: "Change swarm",
			icon: Repeat,
			also: "switch leave new",
			run: () => model.open({ kind: "swarms" }),
		},
		{
			name: `Colours: ${nextTheme(theme.value)}`,
			icon: SunMoon,
			also: "theme dark light system",
			run: () => setTheme(nextTheme(theme.value)),
		},
	];
	if (model.documents.value?.length === 0 && model.samples.value !== null) {
		commands.splice(1, 0, {
			name: "Try the sample documents",
			icon: Table2,
			also: "examples",
			run: () => model.addSamples(),
		});
	}
	if (model.job.value?.progress.value?.state === "working") {
		commands.unshift({
			name: "Stop the work on this question",
			icon: Square,
			also: "cancel job",
			run: () => model.stop(),
		});
	}
	for (const job of model.status.value?.jobs ?? []) {
		commands.push({
			name: job.title,
			icon: History,
			also: "question report open",
			run: () => model.go({ place: "job", job: job.id, at: null }),
		});
	}
	return commands;
}

/** Commands whose name or other words hold every word that was typed; names that begin with it come first. */
export function matching(
	commands: readonly Command[],
	typed: string,
): Command[] {
	const text = typed.trim().toLowerCase();
	const words = text.split(/\s+/);
	return commands
		.filter((command) => {
			const all = `${command.name} ${command.also}`.toLowerCase();
			return words.every((word) => all.includes(word));
		})
		.sort((a, b) => Number(begins(b, text)) - Number(begins(a, text)));
}

function begins(command: Command, text: string): boolean {
	return command.name.toLowerCase().startsWith(text);
}
