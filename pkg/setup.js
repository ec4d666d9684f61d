// The command `setup`, which has a module of its own: nothing else loads it. It decides nothing.
import { given, readFile } from "./host.js";
import { initSync, setup } from "./wasm/houston_setup.js";

const { readFileSync } = process.getBuiltinModule("node:fs");

initSync({ module: readFileSync(new URL("./wasm/houston_setup_bg.wasm", import.meta.url)) });

/** Opens a run in the form of host.js. It sends nothing, so that there is nothing to cancel. */
export function open(handover) {
  // Before anything is taken out of the environment.
  const text = given(handover);
  return {
    opening: { secrets: [], debug: false },
    cancel() {},
    finish: async () => JSON.parse(setup(text, { readFile })),
  };
}
