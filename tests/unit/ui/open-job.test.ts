import { describe, expect, it } from "vitest";
import type { Progress, Shoal } from "../../../src/node/api.ts";
import { openJob } from "../../../src/ui/research/open-job.ts";

/** A page API that knows one job, and what is done with it. */
function jobOf(id: string) {
	let reject: (reason: Error) => void = () => undefined;
	const done = new Promise<unknown>((_, refuse) => {
		reject = refuse;
	});
	const listeners = new Set<(progress: Progress) => void>();
	const shoal = {
		job: () => ({
			id,
			done,
			progress(listener: (progress: Progress) => void) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		}),
	} as unknown as Shoal;
	const tell = (activity: string) => {
		for (const listener of listeners) listener({ activity } as Progress);
	};
	return { shoal, listeners, tell, reject };
}

describe("the open question", () => {
	it("follows the progress until it is closed", () => {
		const { shoal, tell, listeners } = jobOf("j");
		const open = openJob(shoal, "j", () => undefined);
		expect(open.progress.value).toBeNull();
		tell("reading");
		expect(open.progress.value?.activity).toBe("reading");
		open.close();
		expect(listeners.size).toBe(0);
	});

	it("tells why it cannot be followed", async () => {
		const { shoal, reject } = jobOf("j");
		const failed = new Promise((resolve) => openJob(shoal, "j", resolve));
		reject(new Error("no such job"));
		expect(await failed).toEqual(new Error("no such job"));
	});

	it("leaves it to the progress to tell how a job that is followed ended", async () => {
		const { shoal, tell, reject } = jobOf("j");
		const heard: unknown[] = [];
		openJob(shoal, "j", (error) => heard.push(error));
		tell("reading");
		reject(new Error("it failed"));
		await new Promise(setImmediate);
		expect(heard).toEqual([]);
	});

	it("tells when the page refuses at once", () => {
		const heard: unknown[] = [];
		const shoal = {
			job() {
				throw new Error("refused");
			},
		} as unknown as Shoal;
		openJob(shoal, "j", (error) => heard.push(error)).close();
		expect(heard).toEqual([new Error("refused")]);
	});
});
