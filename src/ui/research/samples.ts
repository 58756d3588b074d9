/** The sample documents that ship with the page: one click to something worth asking. */

export interface Samples {
	readonly names: readonly string[];
	readonly questions: readonly string[];
	files(): Promise<File[]>;
}

interface Listed {
	readonly name: string;
	readonly path: string;
	readonly type?: string;
}

const LIST = "samples/samples.json";

/** Reads the list of samples; `null` where none are shipped. */
export async function readSamples(): Promise<Samples | null> {
	const answer = await fetch(new URL(LIST, document.baseURI));
	if (!answer.ok) return null;
	return samplesFrom(await answer.json(), new URL(LIST, document.baseURI));
}

/** Checks the list's shape. Paths are relative to the list, or to the page where they begin with its folder. */
export function samplesFrom(list: unknown, base: URL): Samples | null {
	if (typeof list !== "object" || list === null) return null;
	const { documents, questions } = list as Record<string, unknown>;
	const listed = Array.isArray(documents) ? documents.filter(isListed) : [];
	if (listed.length === 0) return null;
	return {
		names: listed.map((sample) => sample.name),
		questions: Array.isArray(questions)
			? questions.filter((q): q is string => typeof q === "string")
			: [],
		files: () => Promise.all(listed.map((sample) => fetchSample(sample, base))),
	};
}

async function fetchSample(sample: Listed, base: URL): Promise<File> {
	const path = sample.path.replace(/^\/?samples\//, "");
	const answer = await fetch(new URL(path, base));
	if (!answer.ok) throw new Error(`${sample.name} is not there`);
	const body = await answer.blob();
	return new File([body], sample.name, { type: sample.type ?? body.type });
}

function isListed(value: unknown): value is Listed {
	if (typeof value !== "object" || value === null) return false;
	const { name, path } = value as Record<string, unknown>;
	return typeof name === "string" && typeof path === "string";
}
