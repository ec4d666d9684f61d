/**
 * What the tests of the component share: its text as GitLab reads it, a pipeline with a platform of its own, and what
 * every run owes. What a test expects besides is its own to say.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SERVICE_KEY, startPlatform } from "../../platform/index.mjs";
import { interpolated, taken } from "./interpolation.mjs";
import { allText, ended, environment, folder, install, makeProject, root, runPipeline } from "./pipeline.mjs";

const LIMITS = { timeout: 60_000 };
export const text = readFileSync(join(root, "templates", "deploy.yml"), "utf8");
export const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
export const { inputs } = taken(text);
export const IMAGE = "registry.example.com/acme/airflow:1.4.2";
export const JOB_TOKEN = "canary-of-the-job-token-5b1c";
const FILES = ["report.json", "summary.md", "junit.xml", "deploy.env", "annotations.json"];

/** The options of `deploy`, as its help lists them. */
export function options() {
  const ended = spawnSync(process.execPath, [join(root, "pkg", "cli.js"), "deploy", "--help"], { encoding: "utf8" });
  const lines = ended.stdout.split("\n").map((line) => /^ {2}(--([\w-]+)(?: (\S+))?|HOUSTON_\w+) {2,}(.+)$/.exec(line));
  return lines.filter(Boolean).map(([, first, name, kind = name && "BOOLEAN", help]) => ({
    name: name ?? first.slice("HOUSTON_".length).toLowerCase().replaceAll("_", "-"),
    kind: name ? kind : "SECRET",
    written: help.startsWith("where to write"),
    fallback: /\(default: ([\w/]+)\)$/.exec(help)?.[1] ?? "",
  }));
}

export const variableOf = (option) =>
  `HOUSTON_${option
    .replace(/^houston-/, "")
    .toUpperCase()
    .replaceAll("-", "_")}`;

/** The one job that GitLab makes of the component. */
export function jobOf(given) {
  const jobs = Object.entries(interpolated(text, { environment: "dev", ...given }));
  assert.equal(jobs.length, 1, `${jobs.map(([name]) => name)}`);
  const [[name, job]] = jobs;
  return { name, ...job };
}

/** A test with a folder, a platform, and what ends with them. */
export function pipelineTest(name, run) {
  test(name, LIMITS, async () => {
    const { path: home, remove } = folder();
    const platform = await startPlatform();
    const closing = [() => platform.close(), remove];
    try {
      await run({ home, platform, until: (server) => closing.unshift(() => server.close()) && server });
    } finally {
      for (const close of closing) await close();
    }
  });
}

export const good = (platform) => ({
  "houston-url": platform.url,
  release: "analytics-dev",
  image: IMAGE,
  "runtime-version": "12.1.1",
  preflight: "off",
  wait: "off",
});

export const secrets = { HOUSTON_TOKEN: SERVICE_KEY, CI_JOB_TOKEN: JOB_TOKEN };
export const installProgram = (home) =>
  install(home, "houston-deploy", `exec node "${join(root, "pkg", "cli.js")}" "$@"`);
export const mutations = (platform) => platform.requests.filter(({ operation }) => operation === "mutation").length;

/** What every run owes: its secrets nowhere, and results that GitLab takes. */
export async function run(home, project) {
  const result = await runPipeline(home, project);
  const kept = allText(home, [".gitlab-ci-local-variables.yml", "/repositories/", "/.git/", "/mirror/"]);
  for (const secret of Object.values(secrets)) {
    assert.ok(!result.output.includes(secret) && !kept.includes(secret), "a secret shows");
  }
  return { ...result, report: resultsOf(project) };
}

/**
 * Runs the job's script under a plain POSIX shell and cancels it, once the change has arrived at a platform that does
 * not answer; gives how it ended.
 */
export async function cancelled(home, platform, given, variables = {}) {
  platform.faults.add({ on: "mutation", hang: true });
  const { script, variables: ofJob } = jobOf({ ...good(platform), ...given });
  const project = makeProject(home);
  const env = environment(home, { ...ofJob, ...secrets, ...variables });
  const child = spawn("sh", ["-e", "-c", script.join("\n")], { cwd: project, env });
  const finished = ended(child);
  while (mutations(platform) === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGTERM");
  const { code, output } = await finished;
  for (const secret of Object.values(secrets)) assert.ok(!output.includes(secret), "a secret shows");
  return { code, output, report: resultsOf(project) };
}

/** The files of results, each held to what GitLab takes. */
export function resultsOf(project) {
  const path = (name) => join(project, "houston-deploy", name);
  if (!existsSync(path("report.json"))) return undefined;
  const read = Object.fromEntries(FILES.map((name) => [name, readFileSync(path(name), "utf8")]));
  const dotenv = read["deploy.env"];
  assert.ok(Buffer.byteLength(dotenv) <= 5 * 1024);
  const lines = dotenv.replace(/\n$/, "").split("\n");
  assert.ok(lines.length <= 20);
  for (const line of lines) assert.match(line, /^[A-Za-z0-9_]+=[^\r\n]*$/);
  const taken = options().map(({ name }) => variableOf(name));
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/, 2)));
  for (const key of Object.keys(env)) assert.ok(!taken.includes(key), `${key} would be an option of the next job`);
  assert.match(read["junit.xml"], /^<\?xml [^>]+>\s*<testsuite/);
  assert.equal(typeof JSON.parse(read["annotations.json"]), "object");
  return { ...JSON.parse(read["report.json"]), env };
}
