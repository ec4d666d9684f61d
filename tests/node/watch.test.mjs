/**
 * Watching a Deployment come up, from outside: each way in which a roll goes well, and each in which it cannot be seen,
 * against Airflows that roll.
 */

import assert from "node:assert/strict";
import {
  assertAllNew,
  ENTRY,
  endingOf,
  HEALTHY,
  onEachNode,
  platform,
  RESTARTED,
  red,
  TO_TWO,
  TWO,
  watch,
} from "./watch-stage.mjs";

/** Rolls that come up: what the Airflow is, what is deployed, and what it ends with. */
const GOOD = {
  "already healthy before and after": {},
  "through 502, 404, 503 and resets": {
    airflow: {
      rolls: {
        downtime: [
          { from: 20_000, until: 25_000, as: 502 },
          { from: 25_000, until: 30_000, as: 404 },
          { from: 30_000, until: 35_000, as: 503 },
          { from: 35_000, until: 40_000, as: "reset" },
        ],
      },
    },
  },
  "broken for a while inside stable-for": { airflow: { rolls: { breaks: [{ from: 60_000, until: 65_000 }] } } },
  "heartbeats of India with a space": { airflow: { times: { zone: "+05:30", separator: " ", digits: 3 } } },
  "heartbeats of California": { airflow: { times: { zone: "-08:00", separator: "T", digits: 6 } } },
  "a server clock hours ahead": { airflow: { serverClockOffset: 5 * 3_600_000 } },
  "a server clock hours behind": { airflow: { serverClockOffset: -5 * 3_600_000 } },
  "two schedulers one after the other": { airflow: { schedulers: 2, rolls: { stagger: 15_000 } } },
  "old ones that were killed": { airflow: { rolls: { ending: "killed" } } },
  "more than a hundred old rows": { airflow: { history: { ended: 150 } } },
  "old rows that still say running": { airflow: { history: { ended: 20, dead: 130 } } },
  "old rows above the living one": { airflow: { history: { later: 20 } } },
  "no triggerer": { airflow: { triggerers: 0 } },
  "a health without its parts": { airflow: { withoutParts: ["triggerer", "dag_processor"] } },
  "an Airflow that takes the token with Bearer": { airflow: { token: "bearer" } },
  "an Airflow behind a login that takes the token": { airflow: { login: "unauthorized", loginTakesToken: true } },
  "an Airflow 2": { deployments: [TWO], options: TO_TWO },
  "an Airflow 2 with the health of Airflow 3": {
    airflow: { hasMonitorHealth: true },
    deployments: [TWO],
    options: TO_TWO,
  },
};

onEachNode("a roll is seen", (test) => {
  for (const [name, entry] of Object.entries(GOOD)) {
    const { airflow, options, deployments } = { ...ENTRY, ...entry };
    test(name, async (stage, how) => {
      const houston = await platform(stage, airflow, { deployments });
      const run = await watch(stage, houston, options, how);
      assert.deepEqual(endingOf(run), RESTARTED, run.stderr);
      assert.deepEqual(run.report.warnings, []);
      assertAllNew(houston);
    });
  }
});

onEachNode("a roll cannot be seen", (test) => {
  test("jobs that may not be read while health may", async (stage, how) => {
    const houston = await platform(stage, { rowsFor: "none" });
    const run = await watch(stage, houston, {}, how);
    assert.deepEqual(endingOf(run), HEALTHY, run.stderr);
    assert.deepEqual(
      run.report.warnings.map(({ code }) => code),
      ["WAIT_IMPOSSIBLE"],
    );
    const required = await watch(stage, houston, { wait: "require" }, how);
    assert.deepEqual(endingOf(required), red("WAIT_IMPOSSIBLE", "healthy"), required.stderr);
  });

  test("and the version that changes is the proof", async (stage, how) => {
    const houston = await platform(stage, { rowsFor: "none" }, { deployments: [TWO] });
    const run = await watch(stage, houston, { ...TO_TWO, wait: "require" }, how);
    assert.deepEqual([...endingOf(run), run.report.warnings], [0, "deployed", "confirmed", "healthy", true, null, []]);
  });

  test("from Airflow 2 to Airflow 3", async (stage, how) => {
    const houston = await platform(stage, {}, { deployments: [TWO] });
    const run = await watch(stage, houston, { wait: "require" }, how);
    assert.deepEqual(endingOf(run), [0, "deployed", "confirmed", "healthy", true, null], run.stderr);
  });

  test("pods with fixed names", async (stage, how) => {
    const run = await watch(stage, await platform(stage, { hostNames: "ordinal" }), {}, how);
    assert.deepEqual(endingOf(run), HEALTHY, run.stderr);
  });

  test("nothing restarts, and that is fine", async (stage, how) => {
    const houston = await platform(stage, { rolls: { pods: "kept" } });
    const run = await watch(stage, houston, { "unchanged-ok": true }, how);
    assert.deepEqual(endingOf(run), HEALTHY, run.stderr);
    assert.match(run.report.warnings[0].message, /is healthy, and no restart was seen$/);
  });
});
