/** `http://<ip>` is no secure context: no WebCrypto, locks or service worker (facts B1). Everything works all the same. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	launchChromium,
	startServer,
	type TestServer,
} from "../helpers/browser.ts";
import {
	addFiles,
	allLinked,
	ask,
	checkCitations,
	openPage,
	ready,
	textFile,
} from "../helpers/pages.ts";

const log = textFile(
	"crane.md",
	"# Crane log\n\nThe north crane was taken out of service because its cable had frayed. A new cable was fitted on Tuesday.\n",
);

let browser: Browser;
let server: TestServer;
let address: string;
let host: Page;
let guest: Page;

beforeAll(async () => {
	browser = await launchChromium({
		args: ["--host-resolver-rules=MAP shoal.test 127.0.0.1"],
	});
	server = await startServer();
	address = `http://shoal.test:${server.port}`;
	host = await openPage(await browser.newContext(), address);
	const { invite } = await host.evaluate(() => shoal.createSwarm());
	const context = await browser.newContext();
	guest = await openPage(context, `${address}/${new URL(invite).hash}`);
	await allLinked([host, guest]);
});

afterAll(async () => {
	await browser?.close();
	await server?.stop();
});

describe("pages of a plain HTTP address", () => {
	it("[E1] sign with a key in storage, and say so", async () => {
		expect(await host.evaluate(() => isSecureContext)).toBe(false);
		expect(await host.evaluate(() => "subtle" in crypto)).toBe(false);
		expect((await host.evaluate(() => shoal.me())).keys).toBe("software");
	});

	it("[S2] replicate", async () => {
		await host.evaluate(() => shoal.state.put("notes", "colour", "green"));
		await expect
			.poll(() =>
				guest.evaluate(async () => (await shoal.state.entries("notes"))[0]),
			)
			.toMatchObject({ key: "colour", value: "green" });
	});

	it("research together", async () => {
		await addFiles(host, [log]);
		const report = await ask(
			host,
			"Why was the north crane taken out of service?",
		);
		expect(report.found).toBe(true);
		expect(await checkCitations(host, report)).toBeGreaterThan(0);
	});

	it("[E1] are the same device after a reload", async () => {
		const before = await guest.evaluate(() => shoal.me());
		await guest.reload();
		await ready(guest);
		expect((await guest.evaluate(() => shoal.me())).device).toBe(before.device);
		await allLinked([host, guest]);
	});
});
