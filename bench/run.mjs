// The bench: what a whole deploy costs in processor time beside a plain script that sends the same two requests, and
// how large what a runner loads is. Machines differ and are noisy, so the two sides run in turn, and only ratios and
// sizes are meant to be quoted.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fail, root } from "../tools/run.mjs";
import { node24 } from "../tools/setup.mjs";

const RUNS = 20;
const node = node24() ?? process.execPath;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const server = spawn(node, [join(root, "bench/server.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
const [port] = await once(server.stdout, "data");
const environment = {
  ...process.env,
  HOUSTON_URL: `http://127.0.0.1:${String(port).trim()}/v1`,
  HOUSTON_TOKEN: "0123456789abcdef0123456789abcdef",
  HOUSTON_PREFLIGHT: "off",
  HOUSTON_WAIT: "off",
};
const deploy = ["deploy", "--release", "dev", "--image", "registry.example.com/acme/airflow:1.4.2"];
const sides = {
  plain: [join(root, "bench/plain.mjs")],
  "houston-deploy": [join(root, "pkg/cli.js"), ...deploy, "--runtime-version", "11.3.0"],
};

// On one core, where the system can do that: threads that wait for each other on two cost time of neither side's making.
const pinned = spawnSync("taskset", ["-c", "0", "true"]).status === 0 ? "taskset -c 0 " : "";

/** Processor time, user and system, of one whole process, in milliseconds. */
function processorTime(args) {
  // The shell's own `time` has what the kernel counted for the process, its start and end included.
  const script = `TIMEFORMAT="%3U %3S"; time ${pinned}"$0" "$@" >/dev/null 2>&1 || echo failed >&2`;
  const ended = spawnSync("bash", ["-c", script, node, ...args], { encoding: "utf8", env: environment });
  const [user, system] = ended.stderr.trim().split(/\s+/).map(Number);
  if (ended.error || Number.isNaN(user + system)) fail(`a run failed: ${args[0]}`);
  return (user + system) * 1000;
}

const times = { plain: [], "houston-deploy": [] };
for (const args of Object.values(sides)) processorTime(args);
for (let i = 0; i < RUNS; i += 1) {
  for (const [side, args] of Object.entries(sides)) times[side].push(processorTime(args));
}
server.stdin.end();

const plain = median(times.plain);
const ours = median(times["houston-deploy"]);
const row = (...cells) => console.log(cells.map((cell, i) => String(cell).padEnd(i === 0 ? 46 : 14)).join(""));
const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
const where = pinned ? ", on one core" : "";
console.log(`\nProcessor time of a whole process, Node ${version}, median of ${RUNS} runs in turn${where}`);
row("", "median", "ratio", "at most");
row("plain script, two requests by fetch", `${plain.toFixed(0)} ms`, "1.00");
row("houston-deploy deploy", `${ours.toFixed(0)} ms`, (ours / plain).toFixed(2), "1.20");

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const module = readFileSync(join(root, "pkg/wasm/houston_deploy_bg.wasm"));
const loaded = ["pkg", "pkg/wasm", "action"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .map((name) => join(root, folder, name))
    .filter((path) => statSync(path).isFile()),
);
const total = loaded.reduce((sum, path) => sum + statSync(path).size, 0);
console.log("\nSizes");
row("", "size", "", "at most");
row("module", kilobytes(module.length), "", "120 KB");
row("module, gzipped", kilobytes(gzipSync(module, { level: 9 }).length), "", "60 KB");
row("all that a runner loads (action/ and pkg/)", kilobytes(total), "", "250 KB");
