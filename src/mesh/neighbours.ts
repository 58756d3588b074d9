/** What a page needs once there may be others to link with, fetched late (see `late.ts`). */
export { Byways } from "./byways.ts";
export { OwnLinks } from "./own-links.ts";
export { Tabs } from "./tabs.ts";
