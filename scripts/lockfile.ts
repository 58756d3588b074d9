/**
 * Keeps the lock file good for every platform. npm leaves out the optional packages of other platforms when it cannot
 * fetch their manifests (a mirror that holds one platform's only), and `npm ci` then refuses the lock file everywhere.
 */

/** What is read and written of an entry; the rest is kept as it is. */
interface LockedPackage {
	readonly version?: string;
	readonly dev?: boolean;
	readonly optional?: boolean;
	readonly os?: readonly string[];
	readonly cpu?: readonly string[];
	readonly libc?: readonly string[];
	readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package-lock.json, version 3. */
export interface LockFile {
	readonly packages: Readonly<Record<string, LockedPackage>>;
}

const systems = [
	"aix",
	"android",
	"darwin",
	"freebsd",
	"linux",
	"netbsd",
	"openbsd",
	"openharmony",
	"sunos",
	"win32",
];
const processors = [
	"arm",
	"arm64",
	"ia32",
	"loong64",
	"mips64el",
	"ppc64",
	"riscv64",
	"s390x",
	"wasm32",
	"x64",
];

/** The optional packages that the lock file names but does not lock, as entries to add: place in the tree to entry. */
export function missingOptionals(
	lock: LockFile,
): Record<string, LockedPackage> {
	const missing: Record<string, LockedPackage> = {};
	for (const [path, owner] of Object.entries(lock.packages))
		for (const [name, range] of Object.entries(
			owner.optionalDependencies ?? {},
		)) {
			const found = lookUp(lock, path, name);
			if (found && (!isExact(range) || found.version === range)) continue;
			const folder = found ? `${path}/node_modules` : "node_modules";
			missing[`${folder}/${name}`] = {
				version: range.replace(/^[\^~]/, ""),
				...platformOf(name),
				...(owner.dev ? { dev: true } : {}),
				optional: true,
			};
		}
	return missing;
}

/** The lock file with those entries. They carry no integrity hash: it is unknown where the package is. */
export function completed(lock: LockFile): LockFile {
	const { "": project, ...packages } = {
		...lock.packages,
		...missingOptionals(lock),
	};
	const sorted = Object.entries(packages).sort(([a], [b]) =>
		a.localeCompare(b, "en"),
	);
	return {
		...lock,
		packages: {
			...(project ? { "": project } : {}),
			...Object.fromEntries(sorted),
		},
	};
}

/** Node's look-up: the folder's own packages, then each folder's above. */
function lookUp(
	lock: LockFile,
	path: string,
	name: string,
): LockedPackage | undefined {
	const found =
		lock.packages[`${path === "" ? "" : `${path}/`}node_modules/${name}`];
	if (found || path === "") return found;
	const above = path.lastIndexOf("/node_modules/");
	return lookUp(lock, above < 0 ? "" : path.slice(0, above), name);
}

function isExact(range: string): boolean {
	return /^\d/.test(range);
}

/** Packages of one platform are named for it by convention, so that others can skip them unread. */
function platformOf(name: string): LockedPackage {
	const words = name === "fsevents" ? ["darwin"] : name.split(/[/-]/);
	const os = systems.find((system) => words.includes(system));
	const cpu = processors.find((processor) => words.includes(processor));
	const isMusl = words.some((word) => word.startsWith("musl"));
	const isGnu = words.some((word) => word.startsWith("gnu"));
	const libc = isMusl ? "musl" : isGnu ? "glibc" : undefined;
	return {
		...(cpu ? { cpu: [cpu] } : {}),
		...(libc && os === "linux" ? { libc: [libc] } : {}),
		...(os ? { os: [os] } : {}),
	};
}
