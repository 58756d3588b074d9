import { describe, expect, it } from "vitest";
import { completed, missingOptionals } from "../../../scripts/lockfile.ts";

const lock = {
	packages: {
		"": {},
		"node_modules/tool": {
			version: "2.0.0",
			dev: true,
			optionalDependencies: {
				"@tool/linux-x64-gnu": "2.0.0",
				"@tool/linux-arm64-musl": "2.0.0",
				"@tool/win32-x64-gnu": "2.0.0",
				fsevents: "~2.3.2",
			},
		},
		"node_modules/@tool/linux-x64-gnu": { version: "2.0.0", optional: true },
		"node_modules/old": {
			version: "1.0.0",
			optionalDependencies: { "@tool/linux-x64-gnu": "1.0.0" },
		},
	},
};

describe("the lock file", () => {
	it("misses optional packages of other platforms, and nested other versions", () => {
		expect(missingOptionals(lock)).toEqual({
			"node_modules/@tool/linux-arm64-musl": {
				version: "2.0.0",
				cpu: ["arm64"],
				libc: ["musl"],
				os: ["linux"],
				dev: true,
				optional: true,
			},
			"node_modules/@tool/win32-x64-gnu": {
				version: "2.0.0",
				cpu: ["x64"],
				os: ["win32"],
				dev: true,
				optional: true,
			},
			"node_modules/fsevents": {
				version: "2.3.2",
				os: ["darwin"],
				dev: true,
				optional: true,
			},
			"node_modules/old/node_modules/@tool/linux-x64-gnu": {
				version: "1.0.0",
				cpu: ["x64"],
				libc: ["glibc"],
				os: ["linux"],
				optional: true,
			},
		});
	});

	it("misses nothing once completed, and keeps the project first", () => {
		expect(missingOptionals(completed(lock))).toEqual({});
		expect(Object.keys(completed(lock).packages)[0]).toBe("");
	});
});
