/**
 * Being cancelled: nothing more is sent, what was sent gets three seconds to be answered, and the report says what is
 * known. GitHub kills seven seconds after it has asked; this must be over by then.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { readOutputs } from "./github.mjs";
import { SKIP_WITHOUT_24, staged } from "./run.mjs";

/** Sends the signals, one after the other, once the platform has got a request of a kind. */
function signalling(platform, operation, signals) {
  return async (child) => {
    const arrived = () => platform.requests.some((request) => request.operation === operation);
    while (!arrived() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const signal of signals) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      child.kill(signal);
    }
  };
}

/** Deploys to a Houston that never answers one kind of request, and is signalled while it waits for it. */
async function interrupted(stage, operation, signals, { hang = true, ...options } = {}) {
  const houston = await stage.houston();
  houston.faults.add({ on: operation, hang });
  const started = performance.now();
  const run = await stage.deploy(houston, options, { onStart: signalling(houston, operation, signals) });
  return { ...run, houston, took: performance.now() - started, result: run.report?.results[0] };
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
];

for (const [signal, exit] of SIGNALS) {
  const by = signal === "SIGTERM" ? " by SIGTERM" : "";
  describe(signal, () => {
    staged("while a question is asked: at once, and nothing was changed", async (stage) => {
      const { code, report, result, stderr, took, houston } = await interrupted(stage, "version", [signal]);
      assert.deepEqual(
        [code, report.status, result.change, result.error.code],
        [exit, "cancelled", "none", "CANCELLED"],
      );
      assert.ok(stderr.includes(`error[CANCELLED]: cancelled${by} before anything was changed`), stderr);
      assert.ok(took < 3000, `${took}`);
      assert.equal(houston.requests.length, 1);
    });

    for (const hang of [true, "after"]) {
      const carriedOut = hang === "after" ? "carried out" : "lost";
      staged(`while the change is sent, and it is ${carriedOut}: not known, after three seconds`, async (stage) => {
        const { code, result, stderr, took, houston } = await interrupted(stage, "mutation", [signal], { hang });
        assert.deepEqual([code, result.status, result.change], [exit, "cancelled", "unknown"]);
        assert.deepEqual(
          result.mayHaveArrived.map(({ attempt }) => attempt),
          [1],
        );
        assert.match(
          stderr,
          /after the change was sent and before Houston answered\nhint: look at the Deployment's page/,
        );
        assert.ok(took > 3000 && took < 6000, `${took}`);
        assert.equal(houston.requests.length, 2);
      });
    }

    staged("twice: at once", async (stage) => {
      const { code, signal: ended, took } = await interrupted(stage, "mutation", [signal, signal]);
      assert.deepEqual([code, ended], [exit, null]);
      assert.ok(took < 3000, `${took}`);
    });
  });
}

describe("a cancelled run", () => {
  staged("that is answered within three seconds says what Houston said", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", delay: 700 });
    const onStart = signalling(houston, "mutation", ["SIGTERM"]);
    const { code, report } = await stage.deploy(houston, {}, { onStart });
    const [{ change, proof, deploymentId, error }] = report.results;
    assert.deepEqual([code, change, proof, deploymentId], [143, "confirmed", "accepted", "cldeployment0001"]);
    assert.match(error.message, /after Houston had accepted the image/);
  });

  staged("begins no further release", async (stage) => {
    const options = { release: "analytics-dev,analytics-prod", concurrency: 1 };
    const { code, report, houston } = await interrupted(stage, "mutation", ["SIGINT"], options);
    assert.deepEqual(
      report.results.map(({ change }) => change),
      ["unknown", "none"],
    );
    assert.deepEqual([code, houston.requests.length], [130, 2]);
  });

  staged("does not wait for the next send", async (stage) => {
    const houston = await stage.houston();
    const headers = { "retry-after": "8" };
    houston.faults.add({ on: "mutation", status: 429, body: "", headers });
    const { code, report, milliseconds } = await stage.deploy(
      houston,
      {},
      { onStart: signalling(houston, "mutation", ["SIGINT"]) },
    );
    assert.deepEqual([code, report.results[0].change], [130, "none"]);
    assert.ok(milliseconds < 3000, `${milliseconds}`);
  });

  staged(
    "of the action writes its outputs and summary",
    async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "mutation", hang: true });
      const onStart = signalling(houston, "mutation", ["SIGINT"]);
      const { code, stdout, milliseconds } = await stage.action(houston, {}, { onStart });
      const outputs = readOutputs(stage.read("github-output"));
      assert.deepEqual([code, outputs.status, outputs.verified], [130, "cancelled", "false"]);
      assert.equal(JSON.parse(outputs.report).results[0].change, "unknown");
      assert.match(stage.read("github-summary"), /🛑 Cancelled/);
      assert.match(stdout, /^::error title=CANCELLED::/m);
      assert.ok(milliseconds < 6000, `${milliseconds}`);
    },
    { skip: SKIP_WITHOUT_24 },
  );
});
