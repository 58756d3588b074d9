/** The relay on the network, tried on a second loopback address: [B1] pages get HTTPS, [B2] devices get the authority. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { createConnection } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import { openCertificates } from "../../relay/certificates.ts";
import type { Relay } from "../../relay/server.ts";
import { Client, carries, openRelay, temporaryFolder } from "./harness.ts";

const host = "127.0.0.2";

async function openLanRelay(
	dataFolder?: string,
	limits = {},
): Promise<{ relay: Relay; address: string; ca: string }> {
	const folder = dataFolder ?? (await temporaryFolder());
	const relay = await openRelay({
		lan: { port: 0, hosts: [host], dataFolder: folder },
		limits,
	});
	const [address = ""] = relay.addresses();
	return { relay, address, ca: relay.authority ?? "" };
}

interface Answer {
	readonly response: IncomingMessage;
	readonly body: string;
}

function fetchWith(url: string, ca?: string): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const taken = (response: IncomingMessage) => {
			let body = "";
			response.on("data", (chunk) => {
				body += String(chunk);
			});
			response.on("end", () => resolve({ response, body }));
		};
		const sent = url.startsWith("https:")
			? getHttps(url, { ...(ca && { ca }), agent: false }, taken)
			: getHttp(url, { agent: false }, taken);
		sent.on("error", reject);
	});
}

describe("--lan", () => {
	it("serves the page over HTTPS to those who trust the authority, and to nobody else", async () => {
		const { relay, address, ca } = await openLanRelay();
		expect(address).toMatch(/^https:\/\/127\.0\.0\.2:\d+$/);
		const { response, body } = await fetchWith(`${address}/relay/info`, ca);
		expect(response.statusCode).toBe(200);
		expect(response.headers["content-security-policy"]).toContain("'none'");
		expect(JSON.parse(body)).toMatchObject({ lan: true, addresses: [address] });
		await expect(fetchWith(`${address}/relay/info`)).rejects.toThrow(
			/certificate/,
		);
		const local = await fetchWith(`${relay.url}/relay/info`);
		expect(JSON.parse(local.body)).toEqual(JSON.parse(body));
	});

	it("joins the network's pages and this computer's in one relay", async () => {
		const { relay, address, ca } = await openLanRelay();
		const phone = await Client.open(`${address}/relay`, { ca });
		const laptop = await Client.open(`${relay.url}/relay`);
		phone.send({ type: "subscribe", topics: ["room"] });
		await phone.settled();
		laptop.send({ type: "publish", topic: "room", data: "hello" });
		await phone.hear(carries("hello"));
	});

	it("hands the authority out over plain HTTP on the same port, and sends everybody else on", async () => {
		const { relay, address, ca } = await openLanRelay();
		const plain = address.replace("https:", "http:");
		for (const url of [plain, address, relay.url]) {
			const { response, body } = await fetchWith(`${url}/ca.crt`, ca);
			expect(body).toBe(ca);
			expect(response.headers["content-type"]).toBe(
				"application/x-x509-ca-cert",
			);
		}
		const { response } = await fetchWith(`${plain}/index.html?a=b`);
		expect(response.statusCode).toBe(307);
		expect(response.headers.location).toBe(`${address}/index.html?a=b`);
	});

	it("takes no WebSocket without TLS", async () => {
		const { address } = await openLanRelay();
		await expect(
			Client.open(address.replace("https:", "http:")),
		).rejects.toThrow();
	});

	it("ends those who say nothing, too little, or too slowly", async () => {
		const { address, ca } = await openLanRelay(undefined, { headersMs: 80 });
		const port = Number(new URL(address).port);
		const ends: Promise<unknown>[] = [];
		for (const bytes of ["", "GET / HTTP/1.1\r\nX: ", "\x16\x03\x01"]) {
			const socket = createConnection(port, host);
			socket.resume();
			socket.on("error", () => socket.destroy());
			socket.write(bytes);
			ends.push(new Promise((resolve) => socket.once("close", resolve)));
		}
		const secure = connect({ host, port, ca });
		secure.resume();
		secure.write("GET / HTTP/1.1\r\nX: ");
		ends.push(new Promise((resolve) => secure.once("close", resolve)));
		await Promise.all(ends);
		await fetchWith(`${address}/relay/info`, ca);
	});

	it("frees its port", async () => {
		const { relay, address, ca } = await openLanRelay();
		await Client.open(`${address}/relay`, { ca });
		await relay.close();
		await expect(fetchWith(`${address}/`, ca)).rejects.toThrow("ECONNREFUSED");
	});

	it("does not start half when its port is taken", async () => {
		const { address } = await openLanRelay();
		const port = Number(new URL(address).port);
		const dataFolder = await temporaryFolder();
		await expect(
			openRelay({ lan: { port, hosts: [host], dataFolder } }),
		).rejects.toThrow("EADDRINUSE");
	});
});

describe("certificates", () => {
	const hash = (text: string) =>
		createHash("sha256").update(text).digest("hex");

	it("keeps the authority and the server's certificate between starts, readable by their owner alone", async () => {
		const folder = join(await temporaryFolder(), "new", "folder");
		const first = await openCertificates(folder, ["192.168.1.2"]);
		expect(await openCertificates(folder, ["192.168.1.2"])).toEqual(first);
		if (process.platform === "win32") return;
		for (const name of ["authority.pem", "server.pem"])
			expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
	});

	it("issues another certificate for another address, by the same authority", async () => {
		const folder = await temporaryFolder();
		const first = await openCertificates(folder, ["192.168.1.2"]);
		const second = await openCertificates(folder, ["10.0.0.9", "fd00::1"]);
		expect(second.authority).toBe(first.authority);
		expect(hash(second.leaf.certificate)).not.toBe(
			hash(first.leaf.certificate),
		);
		expect(await openCertificates(folder, ["fd00::1"])).toEqual(second);
	});

	it("makes anew what is torn, and what another authority has signed", async () => {
		const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
		const first = await openCertificates(folder, [host]);
		const leafFile = join(folder, "server.pem");
		const leaf = await readFile(leafFile, "utf8");
		for (const text of [leaf.slice(0, 300), "", leaf.replace(/M/g, "N")]) {
			await writeFile(leafFile, text);
			const again = await openCertificates(folder, [host]);
			expect(again.authority).toBe(first.authority);
			expect(again.leaf.certificate).not.toBe(first.leaf.certificate);
		}
		await openCertificates(other, [host]);
		await writeFile(leafFile, await readFile(join(other, "server.pem")));
		const again = await openCertificates(folder, [host]);
		expect(again.authority).toBe(first.authority);
		await writeFile(join(folder, "authority.pem"), "torn");
		const renewed = await openCertificates(folder, [host]);
		expect(renewed.authority).not.toBe(first.authority);
		expect(renewed.leaf.certificate).not.toBe(again.leaf.certificate);
	});

	it("replaces what is about to expire, the authority long before the certificates it signs", async () => {
		const folder = await temporaryFolder();
		const year = 365 * 24 * 60 * 60 * 1000;
		const first = await openCertificates(folder, [host]);
		const kept = await openCertificates(
			folder,
			[host],
			Date.now() + 0.9 * year,
		);
		expect(kept).toEqual(first);
		const later = await openCertificates(
			folder,
			[host],
			Date.now() + 1.05 * year,
		);
		expect(later.authority).toBe(first.authority);
		expect(later.leaf.certificate).not.toBe(first.leaf.certificate);
		const last = await openCertificates(folder, [host], Date.now() + 9 * year);
		expect(last.authority).not.toBe(first.authority);
	});

	it("ends with one authority when started several times at once", async () => {
		for (let round = 0; round < 10; round++) {
			const folder = await temporaryFolder();
			const all = await Promise.all(
				[1, 2, 3, 4].map(() => openCertificates(folder, [host])),
			);
			expect(new Set(all.map(({ authority }) => authority)).size).toBe(1);
		}
	});
});
