/** The command palette (Ctrl or ⌘ K): type a few letters, or a question to ask it. */
import { MessageCircleQuestionMark } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { filesOfPicker } from "../research/drop.ts";
import { ACCEPTED } from "../research/file-buttons.tsx";
import { type Command, commandsOf, matching } from "./commands.ts";
import { Dialog } from "./dialog.tsx";

const SHOWN = 12;

export function Palette() {
	const model = useModel();
	const [typed, setTyped] = useState("");
	const [at, setAt] = useState(0);
	const list = useRef<HTMLDivElement>(null);
	const commands = matching(commandsOf(model, pickFiles), typed).slice(
		0,
		SHOWN,
	);
	const question = typed.trim();
	if (question.length > 2 && (model.documents.value?.length ?? 0) > 0) {
		const ask: Command = {
			name: `Ask: ${question}`,
			icon: MessageCircleQuestionMark,
			also: "",
			run: () => model.ask(question),
		};
		// What looks like a sentence is meant as one.
		if (/\s\S+\s/.test(question)) commands.unshift(ask);
		else commands.push(ask);
	}
	const active = Math.min(at, commands.length - 1);

	function pickFiles(): void {
		const input = document.createElement("input");
		input.type = "file";
		input.multiple = true;
		input.accept = ACCEPTED;
		input.addEventListener("change", () =>
			model.addFiles(filesOfPicker(input.files ?? [])),
		);
		input.click();
	}
	function run(command: Command | undefined): void {
		if (command === undefined) return;
		model.close();
		command.run();
	}
	useEffect(() => {
		list.current
			?.querySelector("[aria-selected=true]")
			?.scrollIntoView({ block: "nearest" });
	});

	return (
		<Dialog title="Commands" kind="palette" bare>
			<input
				role="combobox"
				aria-label="Command or question"
				aria-expanded="true"
				aria-controls="commands"
				aria-activedescendant={active < 0 ? undefined : `command-${active}`}
				autocomplete="off"
				spellcheck={false}
				placeholder="Type a command or a question"
				value={typed}
				onInput={(event) => {
					setTyped(event.currentTarget.value);
					setAt(0);
				}}
				onKeyDown={(event) => {
					const count = commands.length;
					if (event.key === "ArrowDown") setAt((active + 1) % count);
					else if (event.key === "ArrowUp") setAt((active - 1 + count) % count);
					else if (event.key === "Enter") run(commands[active]);
					else return;
					event.preventDefault();
				}}
			/>
			<div id="commands" role="listbox" aria-label="Commands" ref={list}>
				{commands.map((command, n) => (
					<div
						key={`${n} ${command.name}`}
						id={`command-${n}`}
						role="option"
						aria-selected={n === active}
						onPointerMove={() => setAt(n)}
						onPointerUp={() => run(command)}
						tabIndex={-1}
					>
						<Icon of={command.icon} size={16} />
						<span>{command.name}</span>
					</div>
				))}
			</div>
			{commands.length === 0 && (
				<p class="muted" role="status">
					No such command.
				</p>
			)}
		</Dialog>
	);
}
