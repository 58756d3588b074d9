/** What the status says of logs that are not as they should be (S5), and of copies (S9). */
import { describe, expect, it } from "vitest";
import { Faults } from "../../../src/node/faults.ts";
import { SharedState } from "../../../src/node/state.ts";
import type { Fork } from "../../../src/replica/fork-proof.ts";
import { replicaWorld } from "../../helpers/replica-world.ts";

describe("faults", () => {
	const forkOf = (device: string, space: string, seq: number): Fork => ({
		space,
		session: "ab",
		seq,
		certificate: {
			device,
			deviceKey: new Uint8Array(32),
			session: new Uint8Array(32),
			peer: "ab",
			seal: new Uint8Array(32),
		},
		proof: new Uint8Array(),
	});

	it("[S5] name the device, and what of it is ignored, once for each of its spaces", () => {
		const faults = new Faults();
		const sentences = (): string[] =>
			faults.sentences((device) => `The ${device}`);
		expect(sentences()).toEqual([]);
		faults.forked(forkOf("phone", "memory:notes", 12));
		faults.forked(forkOf("phone", "memory:notes", 3));
		faults.forked(forkOf("phone", "memory:notes", 7));
		faults.forked(forkOf("laptop", "swarm", 0));
		expect(sentences()).toEqual([
			"The phone wrote two different histories of “notes”; what that page of it wrote after entry 3 is ignored.",
			"The laptop wrote two different histories of the swarm's own records; what that page of it wrote there is ignored.",
		]);
		faults.damaged++;
		expect(sentences()).toHaveLength(3);
	});
});

describe("[S9] copies", () => {
	it("counts the devices known to hold all of a space, this one included", async () => {
		const world = await replicaWorld();
		const one = world.founder;
		const [two, three] = [await world.member(), await world.member()];
		const devices = new Map(
			[one, two, three].map(({ peer, device }) => [peer, device]),
		);
		const state = new SharedState(one.replica, one.device, (peer) =>
			devices.get(peer),
		);
		const putting = state.put("notes", "a", 1);
		await world.clock.run(100);
		await putting;
		expect(state.copies("notes")).toBe(1);
		world.mesh(one, two, three);
		await world.clock.run(5_000);
		expect(state.copies("notes")).toBe(3);
		// What only this device has yet is not counted for the others.
		world.pipes.loses = ({ to }) => to === three.peer;
		const more = state.put("notes", "a", 2);
		await world.clock.run(5_000);
		await more;
		expect(state.copies("notes")).toBe(2);
		world.pipes.loses = () => false;
		await world.clock.run(60_000);
		expect(state.copies("notes")).toBe(3);
		world.unlink(one, two);
		expect(state.copies("notes")).toBe(2);
	});
});
