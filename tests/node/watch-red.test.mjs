/**
 * Watching a Deployment that does not come up, or that cannot be watched, from outside: each way in which that can be,
 * against Airflows that do it, with the words that are said of it.
 */

import assert from "node:assert/strict";
import { ENTRY, endingOf, onEachNode, platform, READ, red, THREE, TO_TWO, TWO, watch } from "./watch-stage.mjs";

/** Long enough for the roll and three windows of it, by the clock of the Airflow. */
const SHORT = { timeout: "5s" };

/** Rolls that do not come up, and what is said of them. */
const BAD = {
  "healthy and then broken inside stable-for": {
    airflow: { rolls: { breaks: [{ from: 65_000 }] } },
    code: "UNHEALTHY",
    message:
      /^Houston accepted the image, but analytics-dev is not healthy after \d(?:\.\d)? s: the scheduler is not healthy$/,
  },
  "a version that never changes": {
    airflow: { rolls: { version: "2.9.1" } },
    deployments: [TWO],
    options: TO_TWO,
    message: /did not come up in \d(?:\.\d)? s: waiting for Airflow 2\.10\.2: 2\.9\.1 still answers$/,
  },
  "two schedulers of which one is old": {
    airflow: { schedulers: 2, rolls: { oldStay: 1 } },
    message: /did not come up in \d(?:\.\d)? s: [12] of [34] schedulers are from before the change$/,
  },
  "a scheduler that restarts in the same pod": {
    airflow: { rolls: { pods: { scheduler: "restart", web: "kept" } } },
    message: /the scheduler was started again in the pod from before the change$/,
  },
  "a scheduler that crashes again and again": {
    airflow: { rolls: { pods: "crash" } },
    message: /(?:1 of 2 schedulers are from before the change|no scheduler has been restarted yet)$/,
  },
  "a triggerer that stays": {
    airflow: { rolls: { pods: { triggerer: "kept" } } },
    message: /did not come up in \d(?:\.\d)? s: no triggerer has been restarted yet$/,
  },
  "a page that is not there any more": {
    airflow: { rolls: { downtime: [{ from: 10_000, as: 404 }] } },
    message: /did not come up in \d(?:\.\d)? s: Airflow does not answer yet: HTTP 404$/,
  },
  "nothing restarts at all": {
    airflow: { rolls: { pods: "kept" } },
    message: /^Houston accepted the image, but no scheduler of analytics-dev was restarted in \d(?:\.\d)? s$/,
  },
  "nothing restarts in an Airflow 2": {
    airflow: { rolls: { pods: { scheduler: "kept" } } },
    deployments: [TWO],
    options: TO_TWO,
    message: /^Houston accepted the image, but no scheduler of analytics-dev was restarted in \d(?:\.\d)? s$/,
  },
};

onEachNode("a roll fails", (test) => {
  for (const [name, entry] of Object.entries(BAD)) {
    const { airflow, options, deployments, message, code = "WAIT_TIMEOUT" } = { ...ENTRY, ...entry };
    test(name, async (stage, how) => {
      const houston = await platform(stage, airflow, { deployments });
      const run = await watch(stage, houston, { ...options, ...SHORT }, how);
      assert.deepEqual(endingOf(run), red(code), run.stderr);
      assert.match(run.result.error.message, message);
      assert.ok(run.stderr.includes(`error[${code}]: ${run.result.error.message}\nhint: ${run.result.error.hint}`));
      assert.equal(houston.applied.length, 1, "nothing is undone, and nothing sent again");
    });
  }
});

onEachNode("nothing restarts", (test) => {
  for (const [name, deployment, options] of [
    ["in an Airflow 2", TWO, TO_TWO],
    ["in an Airflow 3", THREE, {}],
  ]) {
    test(`${name}: health is asked for only near the end`, async (stage, how) => {
      const airflow = { rolls: { pods: { scheduler: "kept", triggerer: "kept", dagProcessor: "kept" } } };
      const houston = await platform(stage, airflow, { deployments: [deployment] });
      const run = await watch(stage, houston, { ...options, timeout: "4s", "request-timeout": "2s" }, how);
      assert.deepEqual(endingOf(run), red("WAIT_TIMEOUT"), run.stderr);
      assert.match(run.result.error.message, / no scheduler of analytics-dev was restarted in /);
      const pages = houston.requests.flatMap(({ page }) => page ?? []);
      const looks = pages.filter((page) => /SchedulerJob|eventLogs/.test(page)).length;
      const whole = pages.filter((page) => page.includes("health")).length;
      assert.ok(whole >= 3 && looks - whole >= 3, `${whole} of ${looks}`);
    });
  }
});

onEachNode("it cannot be watched", (test) => {
  const logins = { redirect: "a redirect, such as to a login", unauthorized: "HTTP 401" };
  for (const [login, words] of Object.entries({ ...logins, page: "a page that is not Airflow's, such as a login's" })) {
    for (const [wait, ending] of Object.entries({ auto: READ, require: red("WAIT_IMPOSSIBLE") })) {
      test(`a login, ${login}, with wait: ${wait}`, async (stage, how) => {
        const run = await watch(stage, await platform(stage, { login }), { wait }, how);
        assert.deepEqual(endingOf(run), ending, run.stderr);
        const { message } = wait === "auto" ? run.report.warnings[0] : run.result.error;
        assert.equal(message, `analytics-dev cannot be watched from here: Airflow cannot be looked at: ${words}`);
      });
    }
  }

  test("no Airflow of this name behind the ingress", async (stage, how) => {
    const houston = await platform(stage, {}, { airflow: undefined });
    const run = await watch(stage, houston, SHORT, how);
    assert.deepEqual(endingOf(run), red("WAIT_TIMEOUT"), run.stderr);
    assert.match(run.result.error.message, /Airflow does not answer yet: HTTP 404$/);
  });
});
