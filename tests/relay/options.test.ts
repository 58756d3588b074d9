import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolderOf, readCommand } from "../../relay/options.ts";

const read = (args: string, env: Record<string, string> = {}) =>
	readCommand(args.split(" ").filter(Boolean), env, "linux");

describe("the command line", () => {
	it("serves this computer alone on 8787", () => {
		expect(read("")).toEqual({ kind: "run", port: 8787, lan: undefined });
	});

	it("takes the port from --port, else from PORT", () => {
		const env = { PORT: "9000" };
		expect(read("", env)).toMatchObject({ port: 9000 });
		expect(read("--port 9001", env)).toMatchObject({ port: 9001 });
		expect(read("--port=0")).toMatchObject({ port: 0 });
		expect(read("", { PORT: "" })).toMatchObject({ port: 8787 });
	});

	it("opens the network only with --lan", () => {
		expect(read("--lan --host 10.0.0.1 --host 10.0.0.2 --data d")).toEqual({
			kind: "run",
			port: 8787,
			lan: { port: 8788, hosts: ["10.0.0.1", "10.0.0.2"], dataFolder: "d" },
		});
		expect(read("--host 10.0.0.1")).toMatchObject({ kind: "wrong" });
		expect(read("--lan-port 1")).toMatchObject({ kind: "wrong" });
	});

	it.each([
		"--port x",
		"--port 65536",
		"--port -1",
		"--port",
		"--nonsense",
		"positional",
		"--lan --port 1 --lan-port 1",
	])("says what is wrong with %s", (args) => {
		expect(read(args)).toMatchObject({
			kind: "wrong",
			message: expect.stringMatching(/./),
		});
	});

	it("explains itself", () => {
		expect(read("--help")).toEqual({ kind: "help" });
		expect(read("-h")).toEqual({ kind: "help" });
	});
});

describe("the data folder", () => {
	it.each([
		["linux", {}, join(homedir(), ".local", "share", "shoal")],
		["linux", { XDG_DATA_HOME: "/x" }, join("/x", "shoal")],
		["darwin", {}, join(homedir(), "Library", "Application Support", "Shoal")],
		["win32", { LOCALAPPDATA: "/l" }, join("/l", "Shoal")],
		["win32", { SHOAL_DATA: "/mine" }, "/mine"],
	] as const)("on %s with %j is %s", (platform, env, folder) => {
		expect(dataFolderOf(env, platform)).toBe(folder);
	});
});
