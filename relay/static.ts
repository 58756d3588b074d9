/**
 * The built page: files of one folder, compressed once and kept in memory. Names under `/assets/` carry a hash of the
 * content, so browsers may keep them for ever (L7: a page must outlive its server); everything else is asked for again.
 */
import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { respond } from "./respond.ts";

const types: Readonly<Record<string, string>> = {
	".css": "text/css; charset=utf-8",
	".docx":
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".html": "text/html; charset=utf-8",
	".ico": "image/x-icon",
	".jpg": "image/jpeg",
	".js": "text/javascript; charset=utf-8",
	".json": "application/json; charset=utf-8",
	".map": "application/json; charset=utf-8",
	".md": "text/markdown; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".pdf": "application/pdf",
	".png": "image/png",
	".svg": "image/svg+xml; charset=utf-8",
	".txt": "text/plain; charset=utf-8",
	".wasm": "application/wasm",
	".webmanifest": "application/manifest+json; charset=utf-8",
	".webp": "image/webp",
	".woff2": "font/woff2",
};
const compressible =
	/^(text\/|image\/svg|application\/(json|manifest|wasm|javascript))/;

type Encoding = "br" | "gzip" | "identity";

/** One version of a file. Encoded bodies are made when first asked for. */
interface Kept {
	readonly version: string;
	readonly type: string;
	readonly etag: string;
	readonly bodies: Map<Encoding, Promise<Buffer>>;
}

/** Answers GET and HEAD with files below a folder. */
export interface StaticFiles {
	answer(
		request: IncomingMessage,
		response: ServerResponse,
		pathname: string,
	): Promise<void>;
}

/** @param root - a folder; it need not exist yet, and may be rebuilt while it is served */
export function createStaticFiles(root: string): StaticFiles {
	const kept = new Map<string, Promise<Kept>>();

	/** The file's present version, read again only when it has changed. */
	async function load(path: string): Promise<Kept | undefined> {
		const info = await statOf(path);
		if (info === undefined || !info.isFile()) return undefined;
		const version = `${info.mtimeMs}:${info.size}`;
		const known = await kept.get(path);
		if (known?.version === version) return known;
		const fresh = read(path, version);
		kept.set(path, fresh);
		fresh.catch(() => kept.delete(path));
		return fresh;
	}

	return {
		async answer(request, response, pathname) {
			const path = await resolveInside(root, pathname);
			const file = path === undefined ? undefined : await load(path);
			if (file === undefined) {
				respond(response, 404);
				return;
			}
			const cached = {
				"Cache-Control": pathname.startsWith("/assets/")
					? "public, max-age=31536000, immutable"
					: "no-cache",
				ETag: file.etag,
				Vary: "Accept-Encoding",
			};
			if (matches(request.headers["if-none-match"], file.etag)) {
				response.writeHead(304, cached);
				response.end();
				return;
			}
			const encoding = compressible.test(file.type)
				? chooseEncoding(request.headers["accept-encoding"])
				: "identity";
			const body = await bodyOf(file, encoding);
			respond(
				response,
				200,
				{
					...cached,
					"Content-Type": file.type,
					...(encoding === "identity" ? {} : { "Content-Encoding": encoding }),
				},
				body,
			);
		},
	};
}

async function read(path: string, version: string): Promise<Kept> {
	const content = await readFile(path);
	const hash = createHash("sha256").update(content).digest("base64url");
	return {
		version,
		type: types[extname(path).toLowerCase()] ?? "application/octet-stream",
		// Weak: the encodings of one file share it.
		etag: `W/"${hash.slice(0, 22)}"`,
		bodies: new Map([["identity", Promise.resolve(content)]]),
	};
}

function bodyOf(file: Kept, encoding: Encoding): Promise<Buffer> {
	const known = file.bodies.get(encoding);
	if (known !== undefined) return known;
	const body = bodyOf(file, "identity").then((content) =>
		encoding === "br"
			? promisify(brotliCompress)(content, {
					params: { [constants.BROTLI_PARAM_QUALITY]: 9 },
				})
			: promisify(gzip)(content, { level: 9 }),
	);
	file.bodies.set(encoding, body);
	return body;
}

/**
 * The file that a request path means, or `undefined` where it means none: encoded separators, dot files and links that
 * lead out of the folder included.
 */
async function resolveInside(
	root: string,
	pathname: string,
): Promise<string | undefined> {
	const segments = decode(pathname)?.split("/").slice(1);
	if (segments === undefined) return undefined;
	if (segments.at(-1) === "") segments[segments.length - 1] = "index.html";
	if (segments.some((segment) => !/^[^.\\/\0:][^\\/\0:]*$/.test(segment)))
		return undefined;
	try {
		const folder = await realpath(root);
		const path = await realpath(join(folder, ...segments));
		return path.startsWith(folder + sep) ? path : undefined;
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}

function decode(pathname: string): string | undefined {
	try {
		return decodeURIComponent(pathname);
	} catch (error) {
		if (error instanceof URIError) return undefined;
		throw error;
	}
}

async function statOf(path: string) {
	try {
		return await stat(path);
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}

function isMissing(error: unknown): boolean {
	return (
		error instanceof Error &&
		"code" in error &&
		["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"].includes(String(error.code))
	);
}

/** Brotli, else gzip, else as it is; an encoding with `q=0` is refused. */
function chooseEncoding(header: string | string[] | undefined): Encoding {
	const accepted = new Map(
		String(header ?? "")
			.split(",")
			.map((part): [string, boolean] => {
				const [name = "", ...parameters] = part.trim().toLowerCase().split(";");
				return [name, !parameters.some((p) => /^\s*q=0(\.0*)?\s*$/.test(p))];
			}),
	);
	if (accepted.get("br")) return "br";
	return accepted.get("gzip") ? "gzip" : "identity";
}

function matches(header: string | undefined, etag: string): boolean {
	if (header === undefined) return false;
	return (
		header.trim() === "*" ||
		header.split(",").some((candidate) => candidate.trim() === etag)
	);
}
