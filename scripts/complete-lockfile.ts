/** `npx tsx scripts/complete-lockfile.ts`: adds what `npm run check` finds missing in package-lock.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completed, type LockFile } from "./lockfile.ts";
import { root } from "./process.ts";

const path = join(root, "package-lock.json");
const text = readFileSync(path, "utf8");
const lock: LockFile = JSON.parse(text);
const indent = text.match(/\n([ \t]+)"/)?.[1] ?? "\t";
writeFileSync(path, `${JSON.stringify(completed(lock), null, indent)}\n`);
