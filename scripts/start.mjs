/** `npm start`: plain JavaScript, because it is what teaches Node to read the TypeScript of the rest. */
import { register } from "tsx/esm/api";

register();
const { main } = await import("../relay/main.ts");
const { ensureBuilt } = await import("./build.ts");
const { root } = await import("./process.ts");
await main(process.argv.slice(2), { root, build: ensureBuilt });
