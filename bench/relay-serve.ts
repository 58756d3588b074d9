/** The relay in a process of its own, as `npm start` runs it, but without building the page: `PORT` says where. */
import { join } from "node:path";
import { startRelay } from "../relay/server.ts";
import { root } from "../scripts/process.ts";

await startRelay({
	port: Number(process.env["PORT"]),
	folder: join(root, "dist"),
});
