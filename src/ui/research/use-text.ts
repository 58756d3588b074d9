/** The text of a document for a component: on its way, here, or why not. */
import { useEffect, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { explain } from "../notices.ts";

export type TextState =
	| { readonly state: "coming" }
	| { readonly state: "here"; readonly text: string }
	| { readonly state: "away"; readonly reason: string };

export function useText(document: string): TextState {
	const model = useModel();
	const [state, setState] = useState<TextState>({ state: "coming" });
	useEffect(() => {
		let gone = false;
		setState({ state: "coming" });
		model.text(document).then(
			(text) => {
				if (!gone) setState({ state: "here", text });
			},
			(error: unknown) => {
				if (!gone)
					setState({ state: "away", reason: explain("", error).detail });
			},
		);
		return () => {
			gone = true;
		};
	}, [model, document]);
	return state;
}
