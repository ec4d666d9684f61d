/**
 * Many releases watched at once, and what the wrappers write of a watch: reports, and the outputs of the action.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { readOutputs } from "./github.mjs";
import { SKIP_WITHOUT_24, staged } from "./run.mjs";
import { assertAllNew, onEachNode, platform, THREE, TO_THREE, WORKSPACE, watch } from "./watch-stage.mjs";

const NAMES = Array.from({ length: 50 }, (_, index) => `team-${index}`);

onEachNode(
  "many releases",
  (test) => {
    test("of which one does not exist among 50 that do", async (stage, how) => {
      const deployments = NAMES.map((releaseName) => ({ ...THREE, releaseName }));
      const houston = await platform(stage, { triggerers: 0, dagProcessors: 0 }, { deployments });
      const release = [...NAMES.slice(0, 20), "nobody", ...NAMES.slice(20)];
      // Fifty at once ask for a good deal, so that they look less often than one alone.
      const pace = { "poll-interval": "1s", "stable-for": "1500ms" };
      const options = { release: release.join(","), concurrency: 8, timeout: "20s", ...pace };
      const { code, report, stderr } = await watch(stage, houston, options, { ...how, longest: 25_000 });
      assert.deepEqual([code, report.status, report.error.code], [3, "refused", "DEPLOYMENT_NOT_FOUND"], stderr);
      assert.deepEqual(
        report.results.map((result) => result.release),
        release,
      );
      for (const { release: name, status, proof, verified, change } of report.results) {
        if (name === "nobody") assert.deepEqual([status, proof, verified, change], ["refused", null, false, "none"]);
        else assert.deepEqual([name, status, proof, verified], [name, "deployed", "restarted", true]);
      }
      assert.equal(houston.applied.length, 50);
      for (const name of NAMES) assertAllNew(houston, name);
      assert.equal(houston.requests.filter(({ operation }) => operation === "version").length, 1);
    });

    test("with a report file in a folder that does not exist: said before anything is sent", async (stage, how) => {
      const houston = await platform(stage);
      const path = stage.path("nowhere/report.json");
      const { code, stderr } = await stage.deploy(houston, { ...TO_THREE, wait: "auto", "report-file": path }, how);
      assert.deepEqual([code, houston.requests.length], [2, 0], stderr);
      assert.match(stderr, /^error\[INPUT_INVALID\]: report-file: /m);
    });
  },
  1,
);

describe("the action", { concurrency: 4 }, () => {
  const needs24 = { skip: SKIP_WITHOUT_24 };
  const FAST = { ...TO_THREE, wait: "auto", workspace: WORKSPACE, "poll-interval": "100ms", "stable-for": "600ms" };

  async function outputsOf(stage, airflow, inputs = {}) {
    const houston = await platform(stage, airflow);
    const { code } = await stage.action(houston, { ...FAST, timeout: "8s", ...inputs });
    const { report, ...outputs } = readOutputs(stage.read("github-output"));
    const [{ proof, verified }] = JSON.parse(report).results;
    assert.deepEqual([String(verified), proof ?? ""], [outputs.verified, outputs.proof], "report and outputs agree");
    return [code, outputs.status, outputs.verified, outputs.proof];
  }

  staged(
    "says that a roll was seen",
    async (stage) => {
      assert.deepEqual(await outputsOf(stage, {}), [0, "deployed", "true", "restarted"]);
      assert.match(stage.read("github-summary"), /✅ Deployed/);
    },
    needs24,
  );

  staged(
    "says that it could not be seen",
    async (stage) => {
      assert.deepEqual(await outputsOf(stage, { rowsFor: "none" }), [0, "deployed", "false", "healthy"]);
    },
    needs24,
  );

  staged(
    "says that nothing was restarted",
    async (stage) => {
      const inputs = { timeout: "4s" };
      const outputs = await outputsOf(stage, { rolls: { pods: "kept" } }, inputs);
      assert.deepEqual(outputs, [6, "unhealthy", "false", "read"]);
    },
    needs24,
  );

  staged(
    "says that it was not to wait",
    async (stage) => {
      assert.deepEqual(await outputsOf(stage, {}, { wait: "off" }), [0, "deployed", "false", "accepted"]);
    },
    needs24,
  );
});
