/** One runner for all tests: a project for each kind, so that each gets the processes and the patience it needs. */
import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["tests/{unit,fuzz}/**/*.test.{ts,tsx}"],
					pool: "threads",
					// No test measures time, so patience costs nothing and spares slow machines false alarms.
					testTimeout: 30_000,
				},
			},
			{
				test: {
					name: "relay",
					include: ["tests/relay/**/*.test.ts"],
					testTimeout: 20_000,
				},
			},
			{
				test: {
					name: "sim",
					include: ["tests/sim/**/*.test.ts"],
					pool: "threads",
					testTimeout: 120_000,
				},
			},
			{
				test: {
					name: "browser",
					include: ["tests/browser/**/*.test.ts"],
					globalSetup: ["tests/helpers/browser-setup.ts"],
					// Several browsers at once on a small machine make each other late.
					fileParallelism: false,
					testTimeout: 120_000,
					hookTimeout: 60_000,
					expect: { poll: { timeout: 20_000 } },
				},
			},
			{
				test: {
					name: "lan",
					include: ["tests/lan/**/*.test.ts"],
					globalSetup: ["tests/helpers/browser-setup.ts"],
					fileParallelism: false,
					testTimeout: 90_000,
					hookTimeout: 60_000,
					expect: { poll: { timeout: 30_000 } },
				},
			},
		],
	},
});
