/**
 * Cancelled in each phase of a deploy that watches, from outside: over within six seconds, the change told right, and
 * report, summary and outputs written.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { readOutputs } from "./github.mjs";
import { SKIP_WITHOUT_24, staged } from "./run.mjs";
import { onEachNode, platform, TO_THREE, WORKSPACE, watch } from "./watch-stage.mjs";

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };
const PASS = { delay: 1 };

/**
 * The phases: what hangs, and in which request of its kind the signal comes; what is then known of the change, and what
 * was proven.
 */
const PHASES = {
  "while Houston is asked for its version": { faults: [{ on: "version", hang: true }], after: ["version", 1] },
  "while the Deployment is read": { faults: [{ on: "read", hang: true }], after: ["read", 1] },
  "while Airflow is looked at before": {
    faults: [{ on: "airflow", page: /health/, hang: true }],
    after: ["airflow", 1],
  },
  "while the change is sent": {
    faults: [{ on: "mutation", hang: true }],
    after: ["mutation", 1],
    change: "unknown",
    words: "after the change was sent and before Houston answered",
    least: 3000,
  },
  "while the Deployment is read again": {
    // A platform of 1.1.0 is asked twice before: it does not know each field.
    faults: [
      { on: "read", ...PASS, times: 2 },
      { on: "read", hang: true },
    ],
    after: ["read", 3],
    change: "confirmed",
    proof: "accepted",
  },
  "in a look": {
    faults: [
      { on: "airflow", page: /version/, ...PASS },
      { on: "airflow", page: /version/, hang: true },
    ],
    after: ["/version", 2],
    change: "confirmed",
    proof: "read",
  },
  "between two looks": {
    faults: [],
    options: { "poll-interval": "20s", timeout: "1m" },
    after: ["/version", 2],
    change: "confirmed",
    proof: "read",
  },
};

/** Sends the signal once so many requests of a kind, or for such a page, have arrived. */
function signalling(houston, [what, count], signal) {
  const isOne = ({ operation, page }) => operation === what || page?.includes(what);
  return async (child) => {
    while (houston.requests.filter(isOne).length < count && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.sentAt = performance.now();
    child.kill(signal);
    child.once("exit", () => {
      child.took = performance.now() - child.sentAt;
    });
  };
}

const FILES = ["summary-file", "junit-file", "dotenv-file", "annotations-file"];

onEachNode("a cancel", (test) => {
  for (const [name, phase] of Object.entries(PHASES)) {
    const { faults, options, after, change = "none", proof = null, least = 0 } = phase;
    const accepted = "after Houston had accepted the image";
    const words = phase.words ?? (change === "none" ? "before anything was changed" : accepted);
    for (const [signal, exit] of Object.entries(SIGNALS)) {
      test(`by ${signal} ${name}`, async (stage, how) => {
        const houston = await platform(stage, { rolls: { pods: "kept" } });
        houston.faults.add(...faults);
        let child;
        const onStart = (started) => {
          child = started;
          return signalling(houston, after, signal)(started);
        };
        const files = Object.fromEntries(FILES.map((file) => [file, stage.path(file)]));
        const run = await watch(stage, houston, { timeout: "20s", ...options, ...files }, { ...how, onStart });
        const { code, result, report, stderr } = run;
        assert.deepEqual([code, run.signal, report.status, report.error.code], [exit, null, "cancelled", "CANCELLED"]);
        assert.deepEqual([result.change, result.proof, result.verified], [change, proof, false], stderr);
        assert.equal(result.error.message, `cancelled${signal === "SIGTERM" ? " by SIGTERM" : ""} ${words}`);
        assert.ok(child.took < 6000 && child.took >= least, `${child.took}`);
        assert.equal(houston.applied.length, change === "confirmed" ? 1 : 0);
        assert.match(stage.read("summary-file"), /Cancelled/);
        assert.match(stage.read("junit-file"), /<(?:error|failure|skipped)\b/);
        assert.match(stage.read("dotenv-file"), /^HOUSTON_STATUS=cancelled$/m);
        assert.doesNotThrow(() => JSON.parse(stage.read("annotations-file")));
      });
    }
  }
});

describe("a cancelled action", { concurrency: 4 }, () => {
  for (const [signal, exit] of Object.entries(SIGNALS)) {
    staged(
      `by ${signal} while it watches writes outputs and summary`,
      async (stage) => {
        const houston = await platform(stage, { rolls: { pods: "kept" } });
        const onStart = signalling(houston, ["/version", 2], signal);
        const inputs = { ...TO_THREE, wait: "auto", workspace: WORKSPACE, "poll-interval": "20s" };
        const { code, stdout } = await stage.action(houston, inputs, { onStart });
        const { report, ...outputs } = readOutputs(stage.read("github-output"));
        assert.deepEqual(
          [code, outputs.status, outputs.verified, outputs.proof, outputs["deployment-id"]],
          [exit, "cancelled", "false", "read", "cldeployment0001"],
        );
        assert.equal(JSON.parse(report).results[0].change, "confirmed");
        assert.match(stage.read("github-summary"), /🛑 Cancelled/);
        assert.match(stdout, /^::error title=CANCELLED::/m);
      },
      { skip: SKIP_WITHOUT_24 },
    );
  }
});
