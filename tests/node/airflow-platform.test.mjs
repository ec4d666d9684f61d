/**
 * The embedded Airflows held to what is known of real ones, by plain fetch: the pages of Airflow 2 and 3, who may see
 * them, and what the platform around them does. The tool itself has no part in these tests.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SERVICE_KEY, startPlatform, VIEWER_KEY } from "../platform/index.mjs";
import { airflowTest, DEPLOYMENTS, HEALTH, idsOf, JOBS, LIMITS, STARTS, VERSION } from "./airflow-world.mjs";

describe("the pages", () => {
  airflowTest("of Airflow 2", "2", {}, async (world) => {
    assert.deepEqual(await world.health(), {
      metadatabase: { status: "healthy" },
      scheduler: { status: "healthy", latest_scheduler_heartbeat: "2026-03-01T12:00:00.000137+00:00" },
      triggerer: { status: "healthy", latest_triggerer_heartbeat: "2026-03-01T12:00:00.000274+00:00" },
      dag_processor: { status: null, latest_dag_processor_heartbeat: null },
    });
    assert.deepEqual(await world.json("/api/v1/health", { token: null }), await world.health());
    assert.deepEqual(await world.json("/api/v1/version"), { version: "2.9.1+astro.1", git_version: null });
    const { event_logs: rows, total_entries: total } = await world.json(STARTS);
    assert.deepEqual([rows.length, total], [1, 1]);
    const { event_log_id: id, event, when, dag_id: dagId, extra } = rows[0];
    assert.deepEqual([event, when, dagId], ["cli_scheduler", "2026-03-01T11:00:00.000274+00:00", null]);
    assert.equal(id, 2);
    const { host_name: host, full_command: command } = JSON.parse(extra);
    assert.match(host, /^dev-scheduler-[0-9a-f]{10}-[0-9a-f]{5}$/);
    assert.equal(command, "['/usr/local/bin/airflow', 'scheduler']");
    const all = await world.json("/api/v1/eventLogs");
    assert.deepEqual(
      all.event_logs.map((row) => row.event),
      ["cli_check_migrations", "cli_scheduler", "cli_check_migrations", "cli_triggerer", "cli_webserver"],
    );
    for (const path of ["/api/v2/monitor/health", "/api/v2/jobs", "/api/v1/jobs", "/elsewhere"]) {
      assert.equal(await world.status(path), 404, path);
    }
  });

  airflowTest("of Airflow 3", "3", {}, async (world) => {
    const { dag_processor: processor, scheduler } = await world.health();
    assert.deepEqual(processor.status, "healthy");
    assert.deepEqual(Object.keys(scheduler), ["status", "latest_scheduler_heartbeat"]);
    assert.equal(await world.version(), "3.0.0+astro.1");
    const { jobs, total_entries: total } = await world.json(JOBS);
    assert.equal(total, 1);
    const { hostname, ...row } = jobs[0];
    assert.match(hostname, /^dev-scheduler-/);
    assert.deepEqual(row, {
      id: 1,
      dag_id: null,
      state: "running",
      job_type: "SchedulerJob",
      start_date: "2026-03-01T11:00:00.000137Z",
      end_date: null,
      latest_heartbeat: "2026-03-01T12:00:00.000137Z",
      executor_class: "CeleryExecutor",
      unixname: "astro",
      dag_display_name: null,
    });
    const all = await world.json("/api/v2/jobs?order_by=-id&limit=2");
    assert.deepEqual([idsOf(all.jobs), all.total_entries], [[3, 2], 3]);
    for (const path of ["/health", "/api/v1/version", "/api/v1/eventLogs", "/api/v2/elsewhere"]) {
      assert.equal(await world.status(path), 404, path);
    }
    const other = await world.get("/elsewhere");
    assert.deepEqual([other.status, other.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    await other.text();
    for (const query of ["limit=x", "order_by=-name"]) {
      assert.equal(await world.status(`/api/v2/jobs?${query}`), 400, query);
    }
    assert.equal(await world.status("/api/v2/jobs", { method: "POST" }), 405);
  });

  airflowTest("heartbeats go on with the clock", "3", {}, async (world) => {
    const beats = [];
    for (const time of [0, 4999, 5000, 12_345]) {
      const { scheduler, triggerer } = await world.at(time).health();
      assert.deepEqual([scheduler.status, triggerer.status], ["healthy", "healthy"]);
      beats.push(scheduler.latest_scheduler_heartbeat.slice(17, 19));
    }
    assert.deepEqual(beats, ["00", "00", "05", "10"]);
    const [{ latest_heartbeat: beat }] = await world.schedulers();
    assert.match(beat, /12:00:10/);
    world.at(0);
    assert.match((await world.health()).scheduler.latest_scheduler_heartbeat, /12:00:10/);
  });

  airflowTest("a clock sixty times as fast", "3", { speed: 60 }, async (world) => {
    const { scheduler } = await world.at(1000).health();
    assert.match(scheduler.latest_scheduler_heartbeat, /^2026-03-01T12:01:00/);
    assert.equal(world.platform.requests.at(-1).at, 60_000);
  });

  for (const [name, times, heartbeat] of [
    ["Z", { zone: "Z" }, "2026-03-01T12:00:00.000137Z"],
    ["a space", { separator: " " }, "2026-03-01 12:00:00.000137+00:00"],
    ["another zone", { zone: "+05:30", digits: 3 }, "2026-03-01T17:30:00.000+05:30"],
    ["a zone in the west, no fraction", { zone: "-08:00", digits: 0 }, "2026-03-01T04:00:00-08:00"],
  ]) {
    airflowTest(`times with ${name}`, "3", { times }, async (world) => {
      assert.equal((await world.health()).scheduler.latest_scheduler_heartbeat, heartbeat);
      const ofJob = times.zone ? heartbeat : heartbeat.replace("+00:00", "Z");
      assert.equal((await world.schedulers())[0].latest_heartbeat, ofJob);
    });
  }

  airflowTest("a server's clock that is hours ahead", "2", { serverClockOffset: 7_200_000 }, async (world) => {
    const { scheduler } = await world.health();
    assert.deepEqual([scheduler.status, scheduler.latest_scheduler_heartbeat.slice(11, 13)], ["healthy", "14"]);
  });

  const fewer = { triggerers: 0, dagProcessors: 0, withoutParts: ["dag_processor"], version: "3.4.1", suffix: "" };
  airflowTest("parts that do not run, that are not mentioned, and instances", "3", fewer, async (world) => {
    const health = await world.health();
    assert.deepEqual(health.triggerer, { status: null, latest_triggerer_heartbeat: null });
    assert.ok(!("dag_processor" in health));
    const [{ host }] = world.airflow.schedulers;
    const { latest_scheduler_heartbeat: beat, instances } = health.scheduler;
    assert.deepEqual(instances, [{ hostname: host, latest_scheduler_heartbeat: beat }]);
    assert.equal(await world.version(), "3.4.1");
  });

  airflowTest("an Airflow 2 with the monitor's page", "2", { hasMonitorHealth: true }, async (world) => {
    assert.deepEqual(await world.json("/api/v2/monitor/health"), await world.health());
  });

  const history = { ended: 250, dead: 2, later: 120 };
  airflowTest("hundreds of old rows", "3", { history }, async (world) => {
    const { jobs, total_entries: total } = await world.json(JOBS);
    assert.deepEqual([jobs.length, total], [100, 373]);
    assert.ok(jobs.every(({ state, end_date: end }) => state === "success" && end !== null));
    assert.equal((await world.json(`${JOBS}00`)).jobs.length, 100);
    const { jobs: running } = await world.json("/api/v2/jobs?job_type=SchedulerJob&job_state=running&order_by=-id");
    assert.deepEqual(idsOf(running), [253, 252, 251]);
    const before = running.map(({ latest_heartbeat: beat }) => beat);
    const later = await world.at(10_000).json("/api/v2/jobs?job_type=SchedulerJob&job_state=running&order_by=-id");
    const after = later.jobs.map(({ latest_heartbeat: beat }) => beat);
    assert.deepEqual([after[0] === before[0], after.slice(1)], [false, before.slice(1)]);
    assert.equal((await world.health()).scheduler.status, "healthy");
  });

  airflowTest("old rows of the audit log", "2", { history: { ended: 150 } }, async (world) => {
    const { event_logs: rows, total_entries: total } = await world.json(STARTS);
    assert.deepEqual([rows.length, total], [100, 151]);
    assert.equal(JSON.parse(rows[0].extra).host_name, world.airflow.schedulers[0].host);
  });
});

describe("who may see them", () => {
  for (const [major, path] of [
    ["2", STARTS],
    ["3", JOBS],
  ]) {
    const bearer = `Bearer ${SERVICE_KEY}`;
    for (const [token, expected] of [
      ["raw", { none: 401, unknown: 401, viewer: 200, raw: 200, bearer: 401 }],
      ["bearer", { none: 401, unknown: 401, viewer: 401, raw: 401, bearer: 200 }],
      ["either", { none: 401, unknown: 401, viewer: 200, raw: 200, bearer: 200 }],
    ]) {
      airflowTest(`of Airflow ${major}, with the token ${token}`, major, { token }, async (world) => {
        const tokens = { none: null, unknown: "unknown", viewer: VIEWER_KEY, raw: SERVICE_KEY, bearer };
        for (const [name, value] of Object.entries(tokens)) {
          assert.equal(await world.status(path, { token: value }), expected[name], name);
          assert.equal(await world.status(HEALTH[major], { token: value }), 200);
          assert.equal(await world.status(VERSION[major], { token: value }), 200);
        }
      });
    }

    airflowTest(`of Airflow ${major}, rows for editors`, major, { rowsFor: "editors" }, async (world) => {
      assert.deepEqual([await world.status(path), await world.status(path, { token: VIEWER_KEY })], [200, 403]);
    });

    airflowTest(`of Airflow ${major}, rows for nobody`, major, { rowsFor: "none" }, async (world) => {
      assert.deepEqual([await world.status(path), await world.status(path, { token: null })], [403, 401]);
      assert.equal((await world.health()).scheduler.status, "healthy");
    });
  }

  airflowTest("a login by redirect", "3", { login: "redirect" }, async (world) => {
    const response = await world.get(HEALTH[3]);
    assert.deepEqual([response.status, response.headers.get("location").split("?")[0]], [302, "/login"]);
    await response.text();
    assert.equal(await world.status(JOBS), 302);
  });

  airflowTest(
    "a login by status, which takes a token",
    "3",
    { login: "unauthorized", loginTakesToken: true },
    async (world) => {
      assert.deepEqual([await world.status(HEALTH[3], { token: null }), await world.status(HEALTH[3])], [401, 200]);
    },
  );

  airflowTest("a login page", "2", { login: "page" }, async (world) => {
    const response = await world.get(HEALTH[2]);
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    assert.match(await response.text(), /Log in/);
  });
});

describe("beside Houston", () => {
  airflowTest("looks are on record, with release, page and time", "3", {}, async (world) => {
    await world.at(2500).json(JOBS);
    await world.deploy();
    const [look, mutation] = world.platform.requests;
    const { operation, release, page, at, path, headers } = look;
    assert.deepEqual(
      { operation, release, page, at, path },
      { operation: "airflow", release: "dev", page: JOBS, at: 2500, path: `/dev/airflow${JOBS}` },
    );
    assert.equal(headers.authorization, SERVICE_KEY);
    assert.deepEqual([mutation.operation, "release" in mutation], ["mutation", false]);
  });

  airflowTest("faults are aimed at an Airflow, or at one of its pages", "3", {}, async (world) => {
    world.platform.faults.add(
      { status: 503, body: "any" },
      { on: "airflow", page: /jobs/, status: 500, body: "{}" },
      { on: "airflow", cut: 5 },
    );
    await assert.rejects(world.health(), { name: "TypeError" });
    assert.deepEqual(
      [await world.status(HEALTH[3]), await world.status(JOBS), await world.status(JOBS)],
      [200, 500, 200],
    );
    assert.equal(world.platform.faults.left.length, 1);
    assert.throws(() => world.platform.faults.add({ page: /jobs/, status: 500 }), /waits for airflow alone/);
  });

  airflowTest("answers that are slow", "3", { latency: 30 }, async (world) => {
    const started = performance.now();
    await world.health();
    assert.ok(performance.now() - started >= 29);
  });

  test("an Airflow is there where it is asked for, and 404 where not", LIMITS, async () => {
    const bare = { runtimeVersion: "11.3.0", image: "registry.example.com/acme/airflow:1.0.0" };
    const deployments = [
      { ...bare, releaseName: "none" },
      { ...bare, releaseName: "own", airflow: { major: "3", suffix: "" } },
    ];
    for (const [airflow, statuses] of [
      [undefined, [404, 404, 200]],
      [{ triggerers: 0 }, [200, 404, 200]],
    ]) {
      const off = { ...bare, releaseName: "off", airflow: false };
      const platform = await startPlatform({ airflow, deployments: [...deployments, off] });
      try {
        const paths = ["/none/airflow/health", "/off/airflow/health", "/own/airflow/api/v2/monitor/health"];
        const responses = await Promise.all(paths.map((path) => fetch(`${platform.origin}${path}`)));
        assert.deepEqual(
          responses.map(({ status }) => status),
          statuses,
        );
        const own = await responses[2].json();
        assert.equal(own.triggerer.status, airflow ? null : "healthy");
        assert.deepEqual([...platform.airflows.keys()], airflow ? ["none", "own"] : ["own"]);
        await Promise.all(responses.slice(0, 2).map((response) => response.text()));
      } finally {
        await platform.close();
      }
    }
  });

  test("options that cannot be are refused at once", LIMITS, async () => {
    for (const [airflow, message] of [
      [{ rols: {} }, /an Airflow has no "rols"/],
      [{ login: "yes" }, /"login" of an Airflow is one of redirect, unauthorized, page, not "yes"/],
      [
        { rolls: { pods: "gone" } },
        /"pods" of a roll is one of replaced, kept, crash, restart, or an object, not "gone"/,
      ],
      [{ rolls: { pods: { worker: "kept" } } }, /a roll's pods has no "worker"/],
      [{ rolls: [] }, /"rolls" of an Airflow is/],
      [{ rolls: { downtime: [{ until: 5 }] } }, /a downtime needs "from"/],
      [{ times: { zone: "CET" } }, /"zone" of a form of times is Z or an offset such as \+05:30, not "CET"/],
      [{ speed: -1 }, /"speed" of a platform's Airflow is at least 0, not -1/],
    ]) {
      await assert.rejects(startPlatform({ airflow }), message);
    }
    const own = (airflow) => startPlatform({ deployments: [{ ...DEPLOYMENTS[2], airflow }] });
    await assert.rejects(own({ speed: 60 }), /an Airflow has no "speed"/);
    const unknown = { releaseName: "dev", runtimeVersion: "99.0.0", airflow: true };
    await assert.rejects(startPlatform({ deployments: [unknown] }), /the Airflow of "dev" needs a "version"/);
  });

  test("a platform that is a process of its own has them too", LIMITS, async () => {
    const main = fileURLToPath(new URL("../platform/main.mjs", import.meta.url));
    const flags = ["--airflow", '{"speed": 60, "suffix": ""}', "--until-stdin-closes"];
    const platform = spawn(process.execPath, [main, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [line] = await once(createInterface({ input: platform.stdout }), "line");
      const response = await fetch(new URL("/analytics-dev/airflow/api/v1/version", JSON.parse(line).url));
      assert.deepEqual(await response.json(), { version: "2.9.1", git_version: null });
      platform.stdin.end();
      const [code] = await once(platform, "exit");
      assert.equal(code, 0);
    } finally {
      platform.kill("SIGKILL");
    }
  });
});
