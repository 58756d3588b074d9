/** The network itself: what tests build of it must not outlive them, however they end. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/process.ts";
import { Network, whyNot } from "./network.ts";

const build = `
const { Network } = await import("./tests/lan/network.ts");
const network = new Network();
const { pid } = network.addHost("one").run("sleep", ["600"]);
console.log(JSON.stringify({ pid, folder: network.folder }));
`;

describe.skipIf(whyNot() !== undefined)("a network", () => {
	it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
		"goes when its process is ended by %s, with what runs there",
		async (signal) => {
			const child = spawn(
				process.execPath,
				["--import", "tsx", "--input-type=module", "-e", build],
				{ cwd: root, stdio: ["ignore", "pipe", "inherit"] },
			);
			const [said] = await once(child.stdout, "data");
			const { pid, folder }: { pid: number; folder: string } = JSON.parse(
				String(said),
			);
			const prefix = `shoal-${child.pid}-`;
			expect(namespaces()).toContain(prefix);
			child.kill(signal);
			await expect.poll(() => existsSync(folder)).toBe(false);
			expect(namespaces()).not.toContain(prefix);
			await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
		},
	);

	it("is gone when it has been closed", async () => {
		const network = new Network();
		network.addHost("one");
		expect(namespaces()).toContain(`shoal-${process.pid}-one`);
		await network.close();
		await network.close();
		expect(namespaces()).not.toContain(`shoal-${process.pid}-`);
		expect(existsSync(network.folder)).toBe(false);
	});
});

const namespaces = (): string =>
	execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
