/** Types of bundled builds that come without any; only what is used here. */

declare module "mammoth/mammoth.browser.min.js" {
	const mammoth: {
		convertToHtml(
			input: { arrayBuffer: ArrayBuffer },
			options: { convertImage: unknown },
		): Promise<{ value: string }>;
		images: { imgElement(make: () => Promise<{ src: string }>): unknown };
	};
	export default mammoth;
}

declare module "pdfjs-dist/legacy/build/pdf.worker.min.mjs" {
	export const WorkerMessageHandler: unknown;
}

declare module "pdfjs-dist/legacy/build/pdf.min.mjs" {
	export * from "pdfjs-dist";
}

declare module "snowball-stemmers" {
	const snowball: {
		newStemmer(language: string): { stem(word: string): string };
	};
	export default snowball;
}
