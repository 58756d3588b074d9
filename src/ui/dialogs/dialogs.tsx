/** Which dialog stands over the page. Those with weight of their own come when they are first opened. */
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { Palette } from "./palette.tsx";
import { Reader } from "./reader.tsx";
import { RenameDevice } from "./rename-device.tsx";
import { Swarms } from "./swarms.tsx";

export function Dialogs() {
	const open = useModel().dialog.value;
	switch (open?.kind) {
		case "add-device":
			return <AddDeviceLater />;
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

/** The QR encoder is a third of the page's own code and wanted once. */
function AddDeviceLater() {
	const model = useModel();
	const [Loaded, setLoaded] = useState<FunctionComponent | null>(null);
	useEffect(() => {
		model.attempt("The dialog could not be opened", async () => {
			const { AddDevice } = await import("./add-device.tsx");
			setLoaded(() => AddDevice);
		});
	}, [model]);
	return Loaded === null ? null : <Loaded />;
}
