// What a whole deploy costs in processor time beside a plain script that sends the same two requests.
import { spawnSync } from "node:child_process";
import { fail } from "../tools/run.mjs";
import { deploy, environment, node, nodeVersion, script, startServer } from "./process.mjs";
import { limited, median, milliseconds, ratio, row, table } from "./table.mjs";

const RUNS = 20;

// On one core, where the system can do that: threads that wait for each other on two cost time of neither side's making.
const pinned = spawnSync("taskset", ["-c", "0", "true"]).status === 0 ? "taskset -c 0 " : "";

/** Processor time, user and system, of one whole process, in milliseconds. */
function processorTime(args, env) {
  // The shell's own `time` has what the kernel counted for the process, its start and end included.
  const timed = `TIMEFORMAT="%3U %3S"; time ${pinned}"$0" "$@" >/dev/null 2>&1 || echo failed >&2`;
  const ended = spawnSync("bash", ["-c", timed, node, ...args], { encoding: "utf8", env });
  const [user, system] = ended.stderr.trim().split(/\s+/).map(Number);
  if (ended.error || Number.isNaN(user + system)) fail(`a run failed: ${args[0]}`);
  return (user + system) * 1000;
}

export async function plainRatio() {
  const server = await startServer();
  const env = environment({ HOUSTON_URL: server.url });
  const sides = { plain: [script("plain.mjs")], ours: deploy({ release: "dev" }) };
  const times = { plain: [], ours: [] };
  for (const args of Object.values(sides)) processorTime(args, env);
  for (let i = 0; i < RUNS; i += 1) {
    for (const [side, args] of Object.entries(sides)) times[side].push(processorTime(args, env));
  }
  server.close();

  const [plain, ours] = [median(times.plain), median(times.ours)];
  const where = pinned ? ", on one core" : "";
  table(
    `Processor time of a whole process, Node ${nodeVersion}, median of ${RUNS} runs in turn${where}`,
    "median",
    "ratio",
  );
  row("plain script, two requests by fetch", milliseconds(plain), "1.00");
  limited("houston-deploy deploy", [milliseconds(ours)], ours / plain, 1.2, ratio);
}
