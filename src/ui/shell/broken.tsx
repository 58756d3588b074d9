/** What stands there instead of the page when it cannot start. */
import { RotateCw } from "lucide";
import { Icon } from "../icon.tsx";

export function Broken({ reason }: { reason: string }) {
	return (
		<main class="broken">
			<h1>Shoal could not start</h1>
			<p role="alert">{reason}</p>
			<p class="muted">
				Nothing was lost: what you saved before is still on this device. If this
				is a private window, open Shoal in an ordinary one; private windows may
				not keep anything.
			</p>
			<button type="button" class="primary" onClick={() => location.reload()}>
				<Icon of={RotateCw} /> Try again
			</button>
		</main>
	);
}
