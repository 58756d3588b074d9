/** Names this device. */
import { useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { Dialog } from "./dialog.tsx";

/** As the page API bounds it. */
const MAX_NAME = 60;

export function RenameDevice() {
	const model = useModel();
	const [name, setName] = useState(model.status.value?.me.name ?? "");
	return (
		<Dialog title="Rename this device" kind="small-dialog">
			<form
				onSubmit={(event) => {
					event.preventDefault();
					const wanted = name.trim();
					if (wanted === "") return;
					model.close();
					model.attempt("The device could not be renamed", () =>
						model.shoal.rename(wanted),
					);
				}}
			>
				<label for="device-name">The name that others see</label>
				<div class="link-field">
					<input
						id="device-name"
						value={name}
						maxLength={MAX_NAME}
						autocomplete="off"
						onInput={(event) => setName(event.currentTarget.value)}
					/>
					<button type="submit" class="primary" disabled={name.trim() === ""}>
						Rename
					</button>
				</div>
			</form>
		</Dialog>
	);
}
