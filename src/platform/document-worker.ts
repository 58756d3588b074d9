/** The document parser in a worker of its own, started with the first file and ended when it hangs or is long idle. */
import { type Remote, transfer, wrap } from "comlink";
import type { DocumentParser, ParseOutcome } from "../node/ports.ts";
import type { Clock } from "../wire/clock.ts";
import { DOCUMENT_IDLE_MS, DOCUMENT_TIMEOUT_MS } from "../wire/constants.ts";

interface Running {
	readonly worker: Worker;
	readonly remote: Remote<DocumentParser>;
	/** Rejects when the worker could not be loaded or died. */
	readonly broken: Promise<never>;
}

export function createDocumentParser(clock: Clock): DocumentParser {
	let running: Running | undefined;
	let cancelIdle: (() => void) | undefined;

	function start(): Running {
		const worker = new Worker(
			new URL("../../workers/document.worker.ts", import.meta.url),
			{ type: "module", name: "shoal-documents" },
		);
		const broken = new Promise<never>((_, reject) => {
			worker.onerror = () => reject(new Error("the document reader stopped"));
		});
		broken.catch(() => undefined);
		return { worker, remote: wrap<DocumentParser>(worker), broken };
	}
	function end(): void {
		running?.worker.terminate();
		running = undefined;
	}

	return {
		async parse(name, bytes, type): Promise<ParseOutcome> {
			cancelIdle?.();
			running ??= start();
			const { remote, broken } = running;
			let cancel: (() => void) | undefined;
			const late = new Promise<never>((_, reject) => {
				cancel = clock.after(DOCUMENT_TIMEOUT_MS, () =>
					reject(new Error("it took too long")),
				);
			});
			try {
				return await Promise.race([
					remote.parse(name, transfer(bytes, [bytes.buffer]), type),
					broken,
					late,
				]);
			} catch (error) {
				end();
				const reason = error instanceof Error ? error.message : String(error);
				return {
					ok: false,
					code: "document-unreadable",
					message: `“${name}” could not be read: ${reason}.`,
				};
			} finally {
				cancel?.();
				cancelIdle = clock.after(DOCUMENT_IDLE_MS, end);
			}
		},
	};
}
