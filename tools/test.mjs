// All tests: the core natively, then everything that a user starts, as a user starts it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root, run, say } from "./run.mjs";
import { node24 } from "./setup.mjs";

say("the core");
run("cargo", ["test", "--locked", "--quiet"]);

const folder = join(root, "tests", "node");
const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
say(`the programs, by Node ${process.version}${node24() ? " and, where it matters, Node 24" : ""}`);
run(process.execPath, ["--test", "--test-concurrency=2", ...files.map((name) => join(folder, name))], {
  env: { ...process.env, NODE24: node24() ?? "" },
});
