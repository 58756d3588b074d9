/** `npm run check`: types, lint, layer rules, unused code and bundle budget; fails when any of them does. */
import { runChecks } from "./checks.ts";

const { failed } = await runChecks();
process.exitCode = failed > 0 ? 1 : 0;
