import { describe, expect, it } from "vitest";
import {
	isOwnOrigin,
	lanAddresses,
	urlHost,
	visitorOf,
} from "../../relay/addresses.ts";

const v4 = (address: string, internal = false) => ({
	address,
	family: "IPv4",
	internal,
});

describe("addresses that other devices can open", () => {
	it("puts home networks first and virtual ones last", () => {
		const addresses = lanAddresses({
			lo: [v4("127.0.0.1", true)],
			docker0: [v4("172.17.0.1")],
			eth1: [v4("203.0.113.9")],
			eth0: [v4("10.0.0.7")],
			wlan0: [
				{ address: "fe80::1", family: "IPv6", internal: false },
				v4("192.168.1.20"),
			],
			gone: undefined,
		});
		expect(addresses).toEqual([
			"192.168.1.20",
			"10.0.0.7",
			"203.0.113.9",
			"172.17.0.1",
		]);
	});

	it("leaves out what a host gave itself for want of a network", () => {
		expect(lanAddresses({ eth0: [v4("169.254.3.4")] })).toEqual([]);
	});

	it("puts IPv6 in brackets", () => {
		expect([urlHost("::1"), urlHost("10.0.0.1")]).toEqual([
			"[::1]",
			"10.0.0.1",
		]);
	});
});

describe("whom an address counts as", () => {
	it.each([
		["192.168.1.20", "192.168.1.20"],
		["::ffff:192.168.1.20", "192.168.1.20"],
		["2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"],
		["2001:db8:1:2::9", "2001:0db8:0001:0002"],
		["2001:DB8:1:2::", "2001:0db8:0001:0002"],
		["::1", "0000:0000:0000:0000"],
		["fe80::1%eth0", "fe80:0000:0000:0000"],
		[undefined, ""],
	])("%s is %s", (address, visitor) => {
		expect(visitorOf(address)).toBe(visitor);
	});
});

describe("origins that may use the relay", () => {
	it.each([
		[undefined, "localhost:8787", true],
		["http://localhost:8787", "localhost:8787", true],
		["http://localhost:5173", "localhost:8787", true],
		["http://127.0.0.1:5173", "localhost:8787", true],
		["http://localhost:5173", "[::1]:8787", true],
		["https://192.168.1.2:8788", "192.168.1.2:8788", true],
		["https://192.168.1.3:8788", "192.168.1.2:8788", false],
		["https://example.org", "localhost:8787", false],
		["https://127.example.org", "127.0.0.1:8787", false],
		["null", "localhost:8787", false],
		["", "localhost:8787", false],
		["http://localhost", undefined, false],
		["http://localhost", "a b", false],
	])("%s at %s: %s", (origin, host, allowed) => {
		expect(isOwnOrigin(origin, host)).toBe(allowed);
	});
});
