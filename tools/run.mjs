// Running other programs, for the scripts in this folder. A program that fails ends the script with its name, what
// it was for, and its own output.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Where what is built once for all clones is kept. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "houston-deploy");

/** A line of what is being done. */
export function say(text) {
  process.stdout.write(`› ${text}\n`);
}

/** Ends the script with one clear line. */
export function fail(text) {
  process.stderr.write(`error: ${text}\n`);
  process.exit(1);
}

/** Runs a program with its output shown; ends the script where it fails. */
export function run(program, args, options = {}) {
  const ended = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (ended.error?.code === "ENOENT") fail(`${program} is not installed${options.from ? `: ${options.from}` : ""}`);
  if (ended.status !== 0) {
    fail(`${program} ${args.slice(0, 3).join(" ")} failed (${ended.signal ?? `exit code ${ended.status}`})`);
  }
}

/** The output of a program, or undefined where it fails or is not there. */
export function output(program, args, options = {}) {
  const ended = spawnSync(program, args, { cwd: root, encoding: "utf8", ...options });
  return ended.status === 0 ? ended.stdout.trim() : undefined;
}

/** A program of a development package. */
export function bin(name) {
  const path = join(root, "node_modules", ".bin", name);
  if (!existsSync(path)) fail(`node_modules has no ${name}: run npm ci`);
  return path;
}
