/** The sample documents that ship with the page: one click to something worth asking. */

export interface Sample {
	readonly name: string;
	/** A question that the samples answer. */
	readonly question: string | null;
}

export interface Samples {
	readonly list: readonly Sample[];
	files(): Promise<File[]>;
}

const LIST = "/samples/samples.json";

/** Reads the list of samples; `null` where none are shipped. */
export async function readSamples(): Promise<Samples | null> {
	const base = new URL(LIST, location.origin);
	const answer = await fetch(base);
	if (!answer.ok) return null;
	return samplesFrom(await answer.json(), base);
}

/** Checks the list's shape: `[{ file, question? }]`, files relative to the list. */
export function samplesFrom(list: unknown, base: URL): Samples | null {
	const samples = Array.isArray(list) ? list.flatMap(sampleOf) : [];
	if (samples.length === 0) return null;
	return {
		list: samples,
		files: () => Promise.all(samples.map(({ name }) => fetchFile(name, base))),
	};
}

async function fetchFile(name: string, base: URL): Promise<File> {
	const answer = await fetch(new URL(name, base));
	if (!answer.ok) throw new Error(`${name} is not there`);
	const body = await answer.blob();
	return new File([body], name, { type: body.type });
}

function sampleOf(value: unknown): Sample[] {
	if (typeof value !== "object" || value === null) return [];
	const { file, question } = value as Record<string, unknown>;
	if (typeof file !== "string") return [];
	return [
		{ name: file, question: typeof question === "string" ? question : null },
	];
}
