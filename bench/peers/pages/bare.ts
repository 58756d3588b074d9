/** A bare data channel behind what all are driven by. */
import { openBareLink } from "./bare-link.ts";
import { drive } from "./drive.ts";

openBareLink(drive());
