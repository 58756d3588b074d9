/** Files can be dropped anywhere on the page; a frame shows it while they are held over it. */
import { FilePlus } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { filesOfDrop } from "../research/drop.ts";

export function DropTarget() {
	const model = useModel();
	const [over, setOver] = useState(false);
	useEffect(() => {
		// Entering a child comes before leaving its parent, so depth tells when the pointer has left the page.
		let depth = 0;
		const holdsFiles = (event: DragEvent) =>
			event.dataTransfer?.types.includes("Files") ?? false;
		const listeners = {
			dragenter(event: DragEvent) {
				if (!holdsFiles(event)) return;
				depth++;
				setOver(true);
			},
			dragleave(event: DragEvent) {
				if (!holdsFiles(event)) return;
				depth = Math.max(0, depth - 1);
				if (depth === 0) setOver(false);
			},
			dragover(event: DragEvent) {
				if (holdsFiles(event)) event.preventDefault();
			},
			drop(event: DragEvent) {
				const transfer = event.dataTransfer;
				if (transfer === null || !holdsFiles(event)) return;
				event.preventDefault();
				depth = 0;
				setOver(false);
				model.close();
				const files = filesOfDrop(transfer);
				model.attempt("The files could not be opened", async () =>
					model.addFiles(await files),
				);
			},
		};
		addEventListener("dragenter", listeners.dragenter);
		addEventListener("dragleave", listeners.dragleave);
		addEventListener("dragover", listeners.dragover);
		addEventListener("drop", listeners.drop);
		return () => {
			removeEventListener("dragenter", listeners.dragenter);
			removeEventListener("dragleave", listeners.dragleave);
			removeEventListener("dragover", listeners.dragover);
			removeEventListener("drop", listeners.drop);
		};
	}, [model]);
	if (!over) return null;
	return (
		<div class="drop-target" aria-hidden="true">
			<p>
				<Icon of={FilePlus} size={28} />
				Drop to add. They stay on your devices.
			</p>
		</div>
	);
}
