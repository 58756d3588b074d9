/** Somebody who goes to where an invite's two ends meet, and does there what no page of ours does. */
import { inviteKeys } from "../../../src/identity/epoch.ts";
import { inviteFromUrl } from "../../../src/identity/invite.ts";
import {
	InviteMeeting,
	type InviteMeetingDeps,
} from "../../../src/mesh/invite-meeting.ts";
import type { SimPage, SwarmWorld } from "./swarm.ts";

/** @param page whose keys are shown there; what is met is another host */
export function meetBy(
	{ suite, clock, random, network }: SwarmWorld,
	{ node }: SimPage,
	url: string,
	does: Partial<Pick<InviteMeetingDeps, "onUp" | "onMessage">>,
): InviteMeeting {
	const invite = inviteFromUrl(url);
	if (invite === undefined) throw new Error("no invite");
	const { signer, certificate, device } = node.swarm.session;
	return new InviteMeeting({
		clock,
		random,
		signer,
		verifier: suite(random),
		certificate,
		device,
		swarm: invite.swarm,
		keys: inviteKeys(invite.seed),
		signaling: network.signaling("elsewhere"),
		connector: network.connector("elsewhere"),
		wants: () => true,
		admit: () => true,
		adopter: () => undefined,
		onUp: () => undefined,
		onMessage: () => undefined,
		...does,
	});
}
