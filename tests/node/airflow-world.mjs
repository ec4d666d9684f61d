/**
 * The stage for the tests of the embedded Airflows: one Deployment with its Airflow, and the hand on its clock, which
 * stands where a test puts it, so that nothing waits. What is right is the tests' to say.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, UPDATE } from "../platform/client.mjs";
import { SERVICE_KEY, startPlatform } from "../platform/index.mjs";

/** Nothing here takes a second; what takes longer hangs, and is to fail. */
export const LIMITS = { timeout: 10_000 };

const NOON = Date.parse("2026-03-01T12:00:00Z");
export const HEALTH = { 2: "/health", 3: "/api/v2/monitor/health" };
export const VERSION = { 2: "/api/v1/version", 3: "/api/v2/version" };
export const STARTS = "/api/v1/eventLogs?event=cli_scheduler&order_by=-event_log_id&limit=100";
export const JOBS = "/api/v2/jobs?job_type=SchedulerJob&order_by=-id&limit=100";
export const DEPLOYMENTS = {
  2: { releaseName: "dev", runtimeVersion: "11.3.0", image: "registry.example.com/acme/airflow:1.0.0" },
  3: { releaseName: "dev", runtimeVersion: "3.0-1", image: "registry.example.com/acme/airflow:1.0.0" },
};
const NEXT = { 2: "12.1.1", 3: "3.0-2" };
const IMAGE = "registry.example.com/acme/airflow:1.4.2";

/** One Deployment with its Airflow, and the hand on its clock. */
export class World {
  time = 0;

  async start(major, airflow) {
    this.major = major;
    this.platform = await startPlatform({
      airflow: { now: () => NOON + this.time, ...airflow },
      deployments: [DEPLOYMENTS[major]],
    });
  }

  get airflow() {
    return this.platform.airflows.get("dev");
  }

  at(time) {
    this.time = time;
    return this;
  }

  async deploy(runtimeVersion = NEXT[this.major]) {
    const answer = await ask(this.platform, UPDATE, { releaseName: "dev", image: IMAGE, runtimeVersion });
    assert.equal(answer.errors, undefined);
  }

  get(path, { token = SERVICE_KEY, method = "GET", signal = AbortSignal.timeout(5000) } = {}) {
    const headers = token ? { authorization: token } : {};
    return fetch(`${this.platform.origin}/dev/airflow${path}`, { method, headers, redirect: "manual", signal });
  }

  async status(path, how) {
    const response = await this.get(path, how);
    await response.arrayBuffer();
    return response.status;
  }

  async json(path, how) {
    const response = await this.get(path, how);
    assert.match(response.headers.get("content-type"), /^application\/json/, path);
    assert.equal(response.status, 200, path);
    return response.json();
  }

  health() {
    return this.json(HEALTH[this.major], { token: null });
  }

  async version() {
    return (await this.json(VERSION[this.major], { token: null })).version;
  }

  async schedulers(state) {
    const { jobs } = await this.json(JOBS);
    return state ? jobs.filter((job) => job.state === state) : jobs;
  }

  async startedHosts() {
    const { event_logs: rows } = await this.json(STARTS);
    return rows.map(({ extra }) => JSON.parse(extra).host_name);
  }
}

/** A test with a World that ends with it. */
export function airflowTest(name, major, airflow, run) {
  test(name, LIMITS, async () => {
    const world = new World();
    await world.start(major, airflow);
    try {
      await run(world);
    } finally {
      await world.platform.close();
    }
  });
}

export const hostsOf = (jobs) => jobs.map(({ hostname }) => hostname);
export const idsOf = (jobs) => jobs.map(({ id }) => id);
