/** A modal dialog on the browser's own: it holds the focus, closes on Escape and outside, and gives the focus back. */
import { X } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";

export function Dialog(props: {
	title: string;
	kind: string;
	/** A title that only readers hear. */
	bare?: boolean;
	children: ComponentChildren;
}) {
	const model = useModel();
	const element = useRef<HTMLDialogElement>(null);
	const title = useId();
	useEffect(() => {
		const dialog = element.current;
		if (dialog === null) return;
		const before = document.activeElement;
		dialog.showModal();
		return () => {
			dialog.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	return (
		<dialog
			ref={element}
			class={`dialog ${props.kind}`}
			aria-labelledby={title}
			onCancel={(event) => {
				event.preventDefault();
				model.close();
			}}
			onPointerDown={(event) => {
				if (event.target === element.current) model.close();
			}}
		>
			<div class="inside">
				<header class={props.bare ? "unseen" : ""}>
					<h2 id={title}>{props.title}</h2>
					{!props.bare && (
						<button
							type="button"
							class="ghost only-icon"
							aria-label="Close"
							onClick={() => model.close()}
						>
							<Icon of={X} />
						</button>
					)}
				</header>
				{props.children}
			</div>
		</dialog>
	);
}
