import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
	installTrustedTypes,
	isOwnScript,
} from "../../../src/platform/trusted-types.ts";

const page = "https://shoal.local:8787/#/swarm";

describe("which scripts may be started", () => {
	it.each([
		["/assets/node.worker.js", true],
		["assets/node.worker.js", true],
		["https://shoal.local:8787/sw.js", true],
		["blob:https://shoal.local:8787/5f2e", true],
		["https://shoal.local/sw.js", false],
		["http://shoal.local:8787/sw.js", false],
		["//elsewhere.example/x.js", false],
		["https://shoal.local:8787@elsewhere.example/x.js", false],
		["blob:https://elsewhere.example/5f2e", false],
		["data:text/javascript,1", false],
		["javascript:1", false],
		["http://[", false],
	])("[X2] %s: %s", (url, own) => {
		expect(isOwnScript(url, page)).toBe(own);
	});

	it("[X2] none of another host, however it is written", () => {
		fc.assert(
			fc.property(fc.webUrl({ withFragments: true }), (url) => {
				expect(isOwnScript(url, page)).toBe(false);
			}),
		);
	});

	it("[X2] a page of no origin owns none", () => {
		expect(isOwnScript("data:text/javascript,1", "data:text/html,")).toBe(
			false,
		);
	});
});

describe("the default policy", () => {
	afterEach(() => vi.unstubAllGlobals());

	function install(defaultPolicy: unknown = null) {
		const createPolicy = vi.fn();
		vi.stubGlobal("trustedTypes", { defaultPolicy, createPolicy });
		vi.stubGlobal("location", { href: page });
		installTrustedTypes();
		return createPolicy;
	}

	it("[X2] lets own scripts pass and throws at others", () => {
		const createPolicy = install();
		expect(createPolicy).toHaveBeenCalledOnce();
		const [name, rules] = createPolicy.mock.calls[0] ?? [];
		expect(name).toBe("default");
		expect(Object.keys(rules)).toEqual(["createScriptURL"]);
		expect(rules.createScriptURL("/assets/a.js")).toBe("/assets/a.js");
		expect(() => rules.createScriptURL("https://elsewhere.example/")).toThrow(
			TypeError,
		);
	});

	it("is created once, and only where there are Trusted Types", () => {
		expect(install({})).not.toHaveBeenCalled();
		vi.stubGlobal("trustedTypes", undefined);
		expect(() => installTrustedTypes()).not.toThrow();
	});
});
