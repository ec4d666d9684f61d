// Fuzzing for as long as is wanted: `npm run fuzz -- --seconds N --seed S --target NAME`, each target for so many seconds.
// It prints the executions of each, and ends with the input that broke a promise, if there is one.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fail, root, run, say } from "./run.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now()) },
    target: { type: "string", default: "" },
    // Leaves each input in target/fuzz/trace before it is run: for a fault that ends the whole process.
    trace: { type: "boolean", default: false },
  },
});
for (const name of ["seconds", "seed"]) {
  if (!/^\d{1,15}$/.test(values[name])) fail(`--${name} is no whole number: ${values[name]}`);
}

const env = {
  ...process.env,
  FUZZ_MILLISECONDS: String(Number(values.seconds) * 1000),
  FUZZ_SEED: values.seed,
  RUST_BACKTRACE: "0",
};
if (values.trace) {
  env.FUZZ_TRACE = join(root, "target", "fuzz", "trace");
  mkdirSync(env.FUZZ_TRACE, { recursive: true });
}
say(`${values.seconds} s for each target, seed ${values.seed}`);
const only = values.target ? ["--exact", values.target] : ["--skip", "planted"];
const test = ["test", "--locked", "--quiet", "--profile", "fuzz", "--test", "fuzz"];
run("cargo", [...test, "--", "--nocapture", "--test-threads=2", ...only], { env });
