/**
 * The stage for the tests of the watch: a platform whose Airflows roll fifty times as fast as real ones, and a deploy
 * that looks as fast. What is right is the tests' to say.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { labelOf, NODES, staged } from "./run.mjs";

/** One second of an Airflow is 20 ms: it beats every 100 ms, and a roll takes half a second. */
const SPEED = 50;

export const IMAGE = "registry.example.com/acme/airflow:1.4.2";
export const WORKSPACE = "clworkspace0001";

/** Airflow 3, of which the Runtime stays the same, so that the restart alone is proof. */
export const THREE = {
  releaseName: "analytics-dev",
  workspace: WORKSPACE,
  runtimeVersion: "3.0-1",
  image: "r.example.com/a:1",
};
export const TO_THREE = { "runtime-version": "3.0-1" };

/** Airflow 2, which goes from 2.9.1 to 2.10.2. */
export const TWO = { ...THREE, runtimeVersion: "11.3.0" };
export const TO_TWO = { "runtime-version": "12.1.1" };

/** What a row of a table is where it does not say. */
export const ENTRY = { airflow: {}, options: {}, deployments: undefined };

/**
 * Looks as often as the options allow; each window is one of seven looks. A request may take so little that looks at the
 * rows alone are among them.
 */
const FAST = {
  wait: "auto",
  workspace: WORKSPACE,
  "poll-interval": "100ms",
  "stable-for": "600ms",
  timeout: "11s",
  "request-timeout": "4s",
};

/** Starts a platform of 1.1.0 with one Deployment, or with those that are given. */
export function platform(stage, airflow = {}, { deployments = [THREE], ...options } = {}) {
  return stage.houston({ version: "1.1.0", deployments, airflow: { speed: SPEED, ...airflow }, ...options });
}

/** Deploys and watches. */
export async function watch(stage, houston, options = {}, how = {}) {
  const run = await stage.deploy(houston, { ...FAST, ...TO_THREE, ...options }, how);
  assert.ok(run.report, run.stderr);
  return { ...run, result: run.report.results[0] };
}

/** What a release ended with, in one line to compare. */
export function endingOf({ code, result }) {
  return [code, result.status, result.change, result.proof, result.verified, result.error?.code ?? null];
}

export const RESTARTED = [0, "deployed", "confirmed", "restarted", true, null];
export const HEALTHY = [0, "deployed", "confirmed", "healthy", false, null];
export const READ = [0, "deployed", "confirmed", "read", false, null];
export const red = (code, proof = "read") => [6, "unhealthy", "confirmed", proof, false, code];

/** Tests that are the same on every Node; several at a time, since most of each is waiting. */
export function onEachNode(name, tests, concurrency = 6) {
  describe(name, { concurrency }, () => {
    for (const node of NODES) {
      tests((title, body) => staged(`${title}, ${labelOf(node)}`, (stage) => body(stage, { node })));
    }
  });
}

/** Every living scheduler was started after the change, by the model itself. */
export function assertAllNew(houston, release = "analytics-dev") {
  const airflow = houston.airflows.get(release);
  const [{ at }] = airflow.changes;
  assert.ok(airflow.schedulers.length > 0);
  for (const { startedAt } of airflow.schedulers) assert.ok(startedAt > at, `${startedAt} is not after ${at}`);
}
