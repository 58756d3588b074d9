/** Hands the model to every component below. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Model } from "./model.ts";

export const ModelContext = createContext<Model | null>(null);

export function useModel(): Model {
	const model = useContext(ModelContext);
	if (model === null) throw new Error("This component stands outside the page");
	return model;
}
