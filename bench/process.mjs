// Starts what is measured: the servers, and whole processes of either side, with what the kernel counted for them.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, root } from "../tools/run.mjs";
import { node24 } from "../tools/setup.mjs";

export const node = node24() ?? process.execPath;
export const nodeVersion = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();

/** The command line with these options; the bench's servers take any token. */
export function deploy(options) {
  const image = "registry.example.com/acme/airflow:1.4.2";
  const given = Object.entries({ image, "runtime-version": "11.3.0", ...options });
  return [join(root, "pkg/cli.js"), "deploy", ...given.map(([name, value]) => `--${name}=${value}`)];
}

export const script = (name) => join(root, "bench", name);

/** What a process is given beside the bench's own environment; nothing of the caller's settings counts. */
export function environment(more) {
  const others = Object.entries(process.env).filter(([name]) => !/^(?:HOUSTON_|CI|NODE_OPTIONS$)/.test(name));
  const token = "0123456789abcdef0123456789abcdef";
  return {
    ...Object.fromEntries(others),
    HOUSTON_TOKEN: token,
    HOUSTON_PREFLIGHT: "off",
    HOUSTON_WAIT: "off",
    ...more,
  };
}

/** Starts a server of the bench, in a process of its own; it ends with `close`. */
export async function startServer(latency = 0) {
  const server = spawn(node, [script("server.mjs"), String(latency)], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(server.stdout, "data");
  const origin = `http://127.0.0.1:${String(port).trim()}`;
  return {
    url: `${origin}/v1`,
    figures: async () => (await fetch(`${origin}/figures`)).json(),
    close: () => server.stdin.end(),
  };
}

/**
 * Runs a process to its end and gives its wall time (from its start), processor time and peak memory, in milliseconds
 * and bytes.
 */
export async function measured(args, env) {
  const folder = mkdtempSync(join(tmpdir(), "houston-deploy-bench-"));
  const file = join(folder, "figures");
  const started = performance.now();
  const child = spawn(node, ["--import", script("figures.mjs"), ...args], {
    env: environment({ ...env, BENCH_FIGURES: file }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2000);
  });
  const [code] = await once(child, "close");
  const wall = performance.now() - started;
  if (code !== 0) fail(`a run failed: ${args[0]}\n${said}`);
  const figures = JSON.parse(readFileSync(file, "utf8"));
  rmSync(folder, { recursive: true });
  return { wall, ...figures };
}
