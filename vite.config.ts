/** The build of the page, and the development server (`npm run dev`, with the relay beside it on port 8787). */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { ASSET_LIST } from "./src/ui/shell/offline-files.ts";

/** Lists every hashed file, for pages that can have no service worker (L7: all of them are fetched when idle). */
function assetList(): Plugin {
	return {
		name: "shoal-asset-list",
		apply: "build",
		enforce: "post",
		generateBundle(_options, bundle) {
			const files = Object.keys(bundle)
				.filter((file) => file.startsWith("assets/"))
				.sort();
			this.emitFile({
				type: "asset",
				fileName: ASSET_LIST.slice(1),
				source: JSON.stringify(files.map((file) => `/${file}`)),
			});
		},
	};
}

/** The screens, and what they import, are fetched with the page, not only when its first script asks for them. */
function fetchEarly(): Plugin {
	return {
		name: "shoal-fetch-early",
		apply: "build",
		transformIndexHtml: {
			order: "post",
			handler(_html, { bundle = {} }) {
				const files = new Set<string>();
				const add = (file: string): void => {
					const chunk = bundle[file];
					if (chunk?.type !== "chunk" || chunk.isEntry || files.has(file))
						return;
					files.add(file);
					chunk.imports.forEach(add);
				};
				for (const file of Object.keys(bundle))
					if (/^assets\/screens-.*\.js$/.test(file)) add(file);
				if (files.size === 0) throw new Error("The screens have no file");
				return [...files].map((file) => ({
					tag: "link",
					attrs: { rel: "modulepreload", href: `/${file}`, crossorigin: true },
					injectTo: "head",
				}));
			},
		},
	};
}

/** Modules of packages that files of ours take the place of, by whom they are imported; each file gives its reason. */
const replaced: readonly (readonly [string, string, string])[] = [
	["lib0/logging", "/yjs/", "./src/platform/yjs-console.ts"],
	["lib0/environment", "/yjs/", "./src/platform/yjs-environment.ts"],
	["./environment.js", "/lib0/buffer.js", "./src/platform/yjs-environment.ts"],
	["./format.js", "/json-schema/", "./src/agents/schema-formats.ts"],
];
function replacing(): Plugin {
	return {
		name: "shoal-replacing",
		enforce: "pre",
		resolveId(source, importer) {
			const found = replaced.find(
				([name, by]) => source === name && importer?.includes(by),
			);
			return found === undefined
				? undefined
				: fileURLToPath(new URL(found[2], import.meta.url));
		},
	};
}

/** Notes to bundlers, which nobody reads any more, are half a kilobyte of the first load. */
const rolldownOptions = { output: { comments: { annotation: false } } };

export default defineConfig({
	build: {
		target: ["chrome123", "edge123", "firefox128", "safari17.5"],
		chunkSizeWarningLimit: 2_000,
		// Inlined files would be data: URLs, which the content policy refuses.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rolldownOptions,
	},
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	worker: {
		format: "es",
		plugins: () => [replacing()],
		rolldownOptions,
	},
	plugins: [
		replacing(),
		VitePWA({
			strategies: "injectManifest",
			srcDir: "workers",
			filename: "service.worker.ts",
			injectRegister: false,
			registerType: "prompt",
			injectManifest: {
				rollupFormat: "iife",
				globPatterns: ["**/*"],
				globIgnores: ["service.worker.js", "**/*.map"],
				maximumFileSizeToCacheInBytes: 16 * 1024 * 1024,
				// Their names carry their hash already.
				dontCacheBustURLsMatching: /^assets\//,
			},
			manifest: {
				id: "/",
				name: "Shoal",
				short_name: "Shoal",
				description:
					"Ask your documents. Every sentence of the answer opens its source, and nothing leaves your devices.",
				start_url: "/",
				scope: "/",
				display: "standalone",
				background_color: "#faf9f6",
				theme_color: "#0b6e5d",
				categories: ["productivity", "utilities"],
				icons: [
					{ src: "/icons/shoal.svg", sizes: "any", type: "image/svg+xml" },
					{ src: "/icons/shoal-192.png", sizes: "192x192", type: "image/png" },
					{ src: "/icons/shoal-512.png", sizes: "512x512", type: "image/png" },
					{
						src: "/icons/shoal-maskable-512.png",
						sizes: "512x512",
						type: "image/png",
						purpose: "maskable",
					},
				],
			},
		}),
		assetList(),
		fetchEarly(),
	],
	server: {
		port: 5173,
		proxy: { "/relay": { target: "http://localhost:8787", ws: true } },
	},
});
