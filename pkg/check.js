// The command `check`, which has a module of its own. It decides nothing.
import { opener } from "./host.js";
import * as glue from "./wasm/houston_check.js";

export const open = opener("check", glue);
