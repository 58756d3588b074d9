/** Which dialog stands over the page. All of them come together, after the page (see `later.tsx`). */
import { useModel } from "../context.ts";
import { AddDevice } from "./add-device.tsx";
import "../late.css";
import "./dialogs.css";
import { Palette } from "./palette.tsx";
import { Reader } from "./reader.tsx";
import { RenameDevice } from "./rename-device.tsx";
import { Swarms } from "./swarms.tsx";

export function Dialogs() {
	const open = useModel().dialog.value;
	switch (open?.kind) {
		case "add-device":
			return <AddDevice />;
		case "palette":
			return <Palette />;
		case "rename":
			return <RenameDevice />;
		case "swarms":
			return <Swarms />;
		case "reader":
			return <Reader key={open.document} document={open.document} />;
		case undefined:
			return null;
	}
}
