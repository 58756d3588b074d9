/** Entry of the node worker: the peer itself. The page that started it hosts its connections and shows its state. */
import { expose } from "comlink";
import { chooseKeySuite } from "../src/identity/webcrypto.ts";
import { factsOf } from "../src/node/boot.ts";
import { swarmCode } from "../src/node/late.ts";
import type { DocumentParser, NodePorts } from "../src/node/ports.ts";
import { NodeService } from "../src/node/service.ts";
import { createAgentPort } from "../src/platform/agent-worker.ts";
import { systemClock, systemRandom } from "../src/platform/clock.ts";
import { keepErrorCodes } from "../src/platform/comlink-errors.ts";
import { openDeviceChannel } from "../src/platform/device-channel.ts";
import { createBlobStore } from "../src/platform/idb/blob-store.ts";
import { openDatabase } from "../src/platform/idb/database.ts";
import { createEntryStore } from "../src/platform/idb/entry-store.ts";
import { createIdentityStore } from "../src/platform/identity-store.ts";
import { createRelayClient } from "../src/platform/relay-client.ts";
import { readRelayInfo } from "../src/platform/relay-info.ts";
import { createRtcConnector } from "../src/platform/rtc-connector.ts";
import { newSealKey } from "../src/platform/seal-key.ts";
import { createSlotKeeper } from "../src/platform/slot-keeper.ts";
import { openTabChannel } from "../src/platform/tab-channel.ts";
import { installTrustedTypes } from "../src/platform/trusted-types.ts";
import { createUplinkPort } from "../src/platform/uplink-locks.ts";
import type { Clock } from "../src/wire/clock.ts";

installTrustedTypes();
keepErrorCodes();

/** The page's folder on its server; workers are in one of their own there. */
const base = new URL("..", location.href).href;
const page = factsOf(self.name);
let opened: Promise<DocumentParser> | undefined;
// Whoever needs it hears where it cannot be fetched.
swarmCode().catch(() => undefined);
const rtc = new MessageChannel();
const connector = createRtcConnector(rtc.port1, [], page.invite !== null);
const service = NodeService.open(openPorts(), page.invite);
connector.onWake(() => void service.wake());
// The page hosts connections at the other end.
self.postMessage(null, { transfer: [rtc.port2] });
expose(service);

/** Reads documents; fetched with the first one. */
function reader(clock: Clock): Promise<DocumentParser> {
	opened ??= import("../src/platform/document-worker.ts").then(
		({ createDocumentParser }) => createDocumentParser(clock),
	);
	return opened;
}

async function openPorts(): Promise<NodePorts> {
	const clock = systemClock;
	const random = systemRandom;
	const info = readRelayInfo(base);
	// It connects while keys and storage open.
	const signaling = createRelayClient(base, clock, random);
	const [suite, database] = await Promise.all([
		chooseKeySuite(globalThis.crypto, random),
		openDatabase(),
	]);
	return {
		clock,
		random,
		suite,
		newSealKey: () => newSealKey(globalThis.crypto.subtle, random),
		identity: createIdentityStore(
			database,
			createSlotKeeper(clock),
			random,
			page.lastSession,
		),
		entries: createEntryStore(database),
		blobs: createBlobStore(database),
		signaling,
		connector,
		tabs: openTabChannel,
		uplink: createUplinkPort(() => connector.isVisible),
		farewell: (tabs, frame) => connector.farewell({ tabs, frame }),
		device: openDeviceChannel(),
		agents: createAgentPort(),
		capacity: Math.min(4, Math.max(2, navigator.hardwareConcurrency - 1)),
		parser: { parse: async (...file) => (await reader(clock)).parse(...file) },
		defaultName: page.deviceName,
		inviteBase: async () => (await info).inviteBase,
	};
}
