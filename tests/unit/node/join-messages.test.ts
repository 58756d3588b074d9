/** Messages between the two ends of an invite: what is not one is refused before anything of it is stored (E3, M2). */
import { describe, expect, it } from "vitest";
import {
	decodeJoinMessage,
	encodeJoinMessage,
} from "../../../src/node/join-messages.ts";

describe("join messages", () => {
	it("[M2] refuses an epoch that no swarm has", () => {
		const message = {
			...({ kind: "admitted", name: "Home" } as const),
			secret: new Uint8Array(32),
		};
		for (const epoch of [-1, -1_000, 0.5])
			expect(() =>
				decodeJoinMessage(encodeJoinMessage({ ...message, epoch })),
			).toThrow(expect.objectContaining({ code: "malformed" }));
		expect(
			decodeJoinMessage(encodeJoinMessage({ ...message, epoch: 0 })),
		).toEqual({ ...message, epoch: 0 });
	});
});
