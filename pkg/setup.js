// The command `setup`, which has a module of its own. It decides nothing.
import { moduleOf, readFile } from "./host.js";
import { initSync, setup } from "./wasm/houston_setup.js";

initSync({ module: moduleOf("setup") });

/** Opens a run in the form of host.js. It sends nothing, so that there is nothing to cancel. */
export function open(handover) {
  return {
    opening: { secrets: [], debug: false },
    cancel() {},
    finish: async () => JSON.parse(setup(handover, { readFile })),
  };
}
