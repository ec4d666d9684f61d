// The command `deploy`, which has a module of its own. It decides nothing.
import { opener } from "./host.js";
import * as glue from "./wasm/houston_deploy.js";

export const open = opener("deploy", glue);
