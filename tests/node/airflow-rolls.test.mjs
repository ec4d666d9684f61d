/**
 * How the embedded Airflows roll, by plain fetch: what a roll shows at which time when it goes as it should, and what
 * each way of going wrong shows instead. The tool itself has no part in these tests.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { airflowTest, HEALTH, hostsOf, idsOf, JOBS } from "./airflow-world.mjs";

describe("a roll", () => {
  const downtime = [
    { from: 12_000, until: 14_000, as: 502 },
    { from: 14_000, until: 16_000, as: 404 },
    { from: 16_000, until: 18_000, as: 503 },
    { from: 18_000, until: 19_000, as: "reset" },
  ];

  airflowTest("of Airflow 3 as it should be", "3", { rolls: { downtime } }, async (world) => {
    const [old] = await world.at(1000).schedulers();
    await world.deploy();
    assert.deepEqual(world.airflow.changes, [{ at: 1000, version: "3.0.0" }]);
    assert.deepEqual(idsOf(await world.at(10_999).schedulers()), [1]);

    const both = await world.at(11_000).schedulers("running");
    assert.deepEqual(idsOf(both), [4, 1]);
    assert.notEqual(both[0].hostname, old.hostname);
    assert.notEqual(both[1].latest_heartbeat, old.latest_heartbeat);

    for (const [time, status] of [
      [12_999, 200],
      [13_000, 502],
      [15_000, 404],
      [17_000, 503],
      [20_000, 200],
    ]) {
      assert.equal(await world.at(time).status(HEALTH[3]), status, `${time}`);
    }

    const [next, gone] = await world.at(26_000).schedulers();
    assert.deepEqual([next.id, next.state, gone.id, gone.state], [4, "running", 1, "success"]);
    assert.equal(gone.end_date.slice(17, 19), "26");
    const frozen = gone.latest_heartbeat;
    assert.equal((await world.at(60_000).schedulers())[1].latest_heartbeat, frozen);
    assert.deepEqual(
      world.airflow.schedulers.map(({ id, startedAt }) => [id, startedAt]),
      [[4, 11_000]],
    );
    const { jobs } = await world.json("/api/v2/jobs?job_state=running");
    assert.deepEqual(
      new Set(jobs.map((job) => job.job_type)),
      new Set(["SchedulerJob", "TriggererJob", "DagProcessorJob"]),
    );
    assert.ok(jobs.every(({ id }) => id > 3));
  });

  airflowTest("in which connections are reset", "3", { rolls: { downtime } }, async (world) => {
    await world.deploy();
    await assert.rejects(world.at(18_500).health(), (error) => error.cause?.code === "ECONNRESET");
  });

  airflowTest("of Airflow 2 as it should be", "2", {}, async (world) => {
    const [old] = await world.startedHosts();
    await world.deploy();
    assert.equal(await world.at(19_999).version(), "2.9.1+astro.1");
    assert.equal(await world.at(20_000).version(), "2.10.2+astro.1");
    const [next, ...others] = await world.at(60_000).startedHosts();
    assert.deepEqual(others, [old]);
    assert.notEqual(next, old);
    assert.equal((await world.health()).scheduler.status, "healthy");
  });

  airflowTest("from Airflow 2 to Airflow 3", "2", {}, async (world) => {
    await world.deploy("3.0-1");
    assert.equal((await world.at(19_000).health()).dag_processor.status, "healthy");
    assert.deepEqual([await world.at(20_000).status(HEALTH[2]), await world.status(HEALTH[3])], [404, 200]);
  });

  airflowTest("by a rival", "3", {}, async (world) => {
    world.platform.faults.add({ on: "airflow", rival: { image: "rival:1" } });
    await world.health();
    assert.equal(world.airflow.changes.length, 1);
    assert.equal((await world.at(40_000).schedulers())[0].id, 4);
  });

  airflowTest(
    "of two schedulers, one after the other",
    "3",
    { schedulers: 2, rolls: { stagger: 5000 } },
    async (world) => {
      await world.deploy();
      assert.equal((await world.at(10_000).schedulers("running")).length, 3);
      assert.equal((await world.at(15_000).schedulers("running")).length, 4);
      assert.deepEqual(idsOf(await world.at(25_000).schedulers("running")), [8, 5, 2]);
      assert.deepEqual(idsOf(await world.at(30_000).schedulers("running")), [8, 5]);
    },
  );

  airflowTest("that is overtaken by the next one", "3", {}, async (world) => {
    await world.deploy();
    await world.at(5000).deploy();
    await world.at(14_000).schedulers();
    assert.deepEqual(idsOf(await world.schedulers()), [1]);
    assert.deepEqual(idsOf(await world.at(60_000).schedulers("running")), [4]);
    await world.deploy();
    await world.at(71_000).deploy();
    assert.deepEqual(idsOf(await world.schedulers("running")), [7, 4]);
    assert.deepEqual(idsOf(await world.at(120_000).schedulers("running")), [10]);
  });

  airflowTest("each in its own way", "3", { rolls: [{ pods: "kept" }, {}] }, async (world) => {
    await world.deploy();
    assert.deepEqual(idsOf(await world.at(60_000).schedulers()), [1]);
    await world.deploy();
    assert.deepEqual(idsOf(await world.at(120_000).schedulers("running")), [4]);
    await world.deploy();
    assert.deepEqual(idsOf(await world.at(180_000).schedulers("running")), [7]);
  });

  airflowTest("that a test starts itself", "3", {}, async (world) => {
    world.airflow.roll({ startAfter: 0, oldEndAfter: 0 });
    assert.deepEqual([idsOf(await world.schedulers("running")), world.airflow.changes], [[4], []]);
  });
});

describe("a roll that goes wrong", () => {
  airflowTest("nothing restarts", "2", { rolls: { pods: "kept" } }, async (world) => {
    const before = await world.startedHosts();
    await world.deploy();
    assert.deepEqual(await world.at(600_000).startedHosts(), before);
    assert.equal(await world.version(), "2.9.1+astro.1");
    assert.equal((await world.health()).scheduler.status, "healthy");
  });

  for (const crashEnding of ["failed", "killed"]) {
    airflowTest(
      `new pods crash again and again, ${crashEnding}`,
      "3",
      { rolls: { pods: "crash", crashEnding } },
      async (world) => {
        const [old] = await world.schedulers();
        await world.deploy();
        const jobs = await world.at(72_000).schedulers();
        assert.deepEqual(idsOf(jobs), [10, 7, 4, 1]);
        const [third, second, first, still] = jobs;
        assert.equal(new Set(hostsOf([third, second, first])).size, 1);
        assert.notEqual(third.hostname, old.hostname);
        const end = crashEnding === "failed" ? "failed" : "running";
        assert.deepEqual([third.state, second.state, first.state, still.state], ["running", end, end, "running"]);
        assert.equal(first.end_date === null, crashEnding === "killed");
        assert.equal(first.latest_heartbeat.slice(14, 19), "00:25");
        assert.equal((await world.health()).scheduler.status, "healthy");
        const { state } = (await world.at(400_000).schedulers()).find(({ id }) => id === 4);
        assert.equal(state, "failed");
      },
    );
  }

  airflowTest("a crash loop ends with the next change", "2", { rolls: [{ pods: "crash" }, {}] }, async (world) => {
    await world.deploy();
    const crashing = await world.at(100_000).startedHosts();
    assert.equal(crashing.length, 5);
    await world.deploy();
    const hosts = await world.at(300_000).startedHosts();
    assert.equal(hosts.length, 6);
    assert.equal(world.airflow.schedulers.length, 1);
    assert.equal(world.airflow.schedulers[0].host, hosts[0]);
    assert.equal(await world.version(), "2.10.2+astro.1");
  });

  airflowTest("the scheduler restarts in the same pod", "3", { rolls: { pods: "restart" } }, async (world) => {
    const [old] = await world.schedulers();
    await world.deploy();
    const jobs = await world.at(60_000).schedulers();
    assert.deepEqual(
      jobs.map(({ state }) => state),
      ["running", "failed"],
    );
    assert.deepEqual(hostsOf(jobs), [old.hostname, old.hostname]);
    assert.equal(await world.version(), "3.0.0+astro.1");
  });

  airflowTest("an old pod stays beside the new", "3", { schedulers: 2, rolls: { oldStay: 1 } }, async (world) => {
    await world.deploy();
    const first = await world.at(60_000).schedulers("running");
    assert.deepEqual(idsOf(first), [6, 5, 2]);
    const beat = first.at(-1).latest_heartbeat;
    assert.notEqual((await world.at(120_000).schedulers("running")).at(-1).latest_heartbeat, beat);
  });

  airflowTest("an old pod is killed", "3", { rolls: { ending: "killed" } }, async (world) => {
    await world.deploy();
    const [, gone] = await world.at(60_000).schedulers();
    assert.deepEqual([gone.state, gone.end_date, gone.latest_heartbeat.slice(14, 19)], ["running", null, "00:25"]);
    assert.equal((await world.at(325_000).schedulers())[1].state, "failed");
  });

  airflowTest("the version stays old", "2", { rolls: { pods: { web: "kept" } } }, async (world) => {
    await world.deploy();
    assert.equal((await world.at(60_000).startedHosts()).length, 2);
    assert.equal(await world.version(), "2.9.1+astro.1");
  });

  airflowTest("another version comes up", "2", { rolls: { version: "2.9.9" } }, async (world) => {
    await world.deploy();
    assert.equal(await world.at(60_000).version(), "2.9.9+astro.1");
  });

  airflowTest("the names of a StatefulSet", "3", { hostNames: "ordinal" }, async (world) => {
    const [old] = await world.schedulers();
    assert.equal(old.hostname, "dev-scheduler-0");
    await world.deploy();
    assert.deepEqual(idsOf(await world.at(24_999).schedulers("running")), [1]);
    const jobs = await world.at(25_000).schedulers();
    assert.deepEqual(
      [idsOf(jobs), hostsOf(jobs)],
      [
        [4, 1],
        ["dev-scheduler-0", "dev-scheduler-0"],
      ],
    );
    assert.equal(jobs[1].state, "success");
  });

  const one = {
    hostNames: "ordinal",
    rolls: { pods: { scheduler: "restart", triggerer: "kept", dagProcessor: "kept" } },
  };
  airflowTest("the names of a StatefulSet, of which only the scheduler restarts", "3", one, async (world) => {
    await world.deploy();
    const { jobs } = await world.at(60_000).json("/api/v2/jobs?job_state=running&order_by=-id");
    assert.deepEqual(idsOf(jobs), [4, 3, 2]);
    assert.equal(jobs[0].hostname, "dev-scheduler-0");
  });

  airflowTest(
    "a StatefulSet goes no further than its first bad pod",
    "3",
    {
      hostNames: "ordinal",
      schedulers: 2,
      rolls: { pods: "crash" },
    },
    async (world) => {
      await world.deploy();
      const running = await world.at(30_000).schedulers("running");
      assert.deepEqual(hostsOf(running), ["dev-scheduler-1", "dev-scheduler-0"]);
      assert.deepEqual(hostsOf(await world.at(45_000).schedulers("running")), ["dev-scheduler-0"]);
    },
  );

  const breaks = [{ from: 40_000, until: 50_000 }, { from: 90_000 }];
  airflowTest(
    "healthy, broken for a while, healthy, and broken for good",
    "3",
    { rolls: { breaks } },
    async (world) => {
      await world.at(1000).deploy();
      const statuses = [];
      for (const time of [40_000, 41_000, 50_999, 51_000, 90_999, 91_000, 900_000]) {
        statuses.push((await world.at(time).health()).scheduler.status);
      }
      const [good, bad] = ["healthy", "unhealthy"];
      assert.deepEqual(statuses, [good, bad, bad, good, good, bad, bad]);
      assert.match((await world.health()).scheduler.latest_scheduler_heartbeat, /12:01:31/);
      assert.match((await world.schedulers())[0].latest_heartbeat, /12:01:31/);
    },
  );

  airflowTest("unhealthy for ever", "2", { breaks: [{ from: 0 }] }, async (world) => {
    assert.equal((await world.health()).scheduler.status, "unhealthy");
    await world.deploy();
    assert.equal((await world.at(900_000).health()).scheduler.status, "unhealthy");
  });

  airflowTest("the database is gone", "3", { breaks: [{ from: 0, part: "metadatabase" }] }, async (world) => {
    const { metadatabase, scheduler, triggerer } = await world.health();
    assert.equal(metadatabase.status, "unhealthy");
    assert.deepEqual(scheduler, { status: "unhealthy", latest_scheduler_heartbeat: null });
    assert.deepEqual(triggerer, { status: "unhealthy", latest_triggerer_heartbeat: null });
    assert.equal(await world.status(JOBS), 500);
  });

  airflowTest("heartbeats that are too old", "3", { heartbeatEvery: 60_000, aliveFor: 30_000 }, async (world) => {
    assert.equal((await world.at(29_999).health()).scheduler.status, "healthy");
    assert.equal((await world.at(30_000).health()).scheduler.status, "unhealthy");
    assert.equal((await world.at(60_000).health()).scheduler.status, "healthy");
  });

  for (const down of [502, 503, 504, 404]) {
    airflowTest(`${down} for ever`, "3", { down }, async (world) => {
      assert.equal(await world.status(HEALTH[3]), down);
      await world.deploy();
      assert.equal(await world.at(900_000).status(JOBS), down);
    });
  }

  airflowTest("closed for ever", "3", { down: "reset" }, async (world) => {
    await assert.rejects(world.health(), (error) => error.cause?.code === "ECONNRESET");
    await world.deploy();
  });

  airflowTest("no answer for ever", "3", { down: "hang" }, async (world) => {
    const client = new AbortController();
    const look = world.get(HEALTH[3], { signal: client.signal });
    while (world.platform.requests.length === 0) await new Promise(setImmediate);
    await world.platform.drained();
    client.abort();
    await assert.rejects(look, { name: "AbortError" });
    await world.deploy();
  });
});
