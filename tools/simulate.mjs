// The simulation for as long as one likes: `npm run simulate -- --schedules N --seed S`. A seed that fails is printed
// with the fewest faults that it needs, and replays exactly with `--schedules 1 --seed` and its number.
import { parseArgs } from "node:util";
import { fail, output, run, say } from "./run.mjs";

const number = (name, text) => {
  if (!/^[0-9]{1,18}$/.test(text)) fail(`--${name} ${text} is no whole number`);
  return text;
};
const options = { schedules: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } };
let given;
try {
  given = parseArgs({ options }).values;
} catch (error) {
  fail(`${error.message.split(". ")[0]}: simulate takes --schedules N and --seed S`);
}
const schedules = number("schedules", given.schedules);
const seed = number("seed", given.seed);

if (output("cargo", ["--version"]) === undefined) fail("cargo is not installed: get Rust by rustup");
say("building the simulation in release mode");
const target = ["test", "--locked", "--quiet", "--profile", "simulate", "--test", "simulation"];
run("cargo", [...target, "--no-run"]);
say(`${schedules} schedules, from seed ${seed} on`);
const started = process.hrtime.bigint();
run("cargo", [...target, "--", "--exact", "--nocapture", "the_invariants_hold_after_every_schedule"], {
  env: { ...process.env, RUST_BACKTRACE: "0", SIMULATE_SCHEDULES: schedules, SIMULATE_SEED: seed },
});
say(`in ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
