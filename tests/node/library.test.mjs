/**
 * The library as a script uses it: what `deploy` resolves to and rejects with, and that it leaves the process of its
 * user as it found it.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { DeployError, deploy } from "houston-deploy";
import { assertNoSecret, IMAGE, labelOf, NODES, ROOT, staged, TOKEN, VIEWER } from "./run.mjs";

const GOOD = { token: TOKEN, release: "analytics-dev", image: IMAGE, runtimeVersion: "12.1.1" };
const SWITCHED_OFF = { preflight: "off", wait: "off" };

const options = (platform, more) => ({ houstonUrl: platform?.url, ...GOOD, ...SWITCHED_OFF, ...more });

/** What `deploy` rejects with, checked for what every such error is. */
async function rejection(given, surroundings = { env: {} }) {
  const error = await deploy(given, surroundings).then(
    () => assert.fail("the promise was fulfilled"),
    (reason) => reason,
  );
  assert.ok(error instanceof DeployError && error instanceof Error, String(error));
  assert.equal(error.name, "DeployError");
  assertNoSecret(JSON.stringify(error.report) + error.stack + error.hint, "the error");
  return error;
}

/** What a script could notice of a process, before and after. */
const footprint = () => ({
  environment: { ...process.env },
  exitCode: process.exitCode,
  listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
});

describe("deploy", () => {
  staged("resolves to the report", async (stage) => {
    const houston = await stage.houston();
    const report = await deploy(options(houston), { env: {} });
    assert.deepEqual([report.schema, report.status, report.error], [1, "deployed", null]);
    assert.deepEqual([report.results[0].deploymentId, houston.applied.length], ["cldeployment0001", 1]);
    assertNoSecret(JSON.stringify(report), "the report");
  });

  staged("rejects with code, hint, exit code and report", async (stage) => {
    const houston = await stage.houston();
    const { code, message, hint, exitCode, report } = await rejection(options(houston, { token: VIEWER }));
    assert.deepEqual([code, exitCode, report.status], ["PERMISSION_DENIED", 3, "refused"]);
    assert.deepEqual([message, hint], [report.error.message, report.error.hint]);
    assert.match(message, /do not have the appropriate permissions/);
  });

  staged("takes several releases as an array", async (stage) => {
    const houston = await stage.houston();
    const release = ["analytics-prod", "analytics-dev"];
    const report = await deploy(options(houston, { release, concurrency: 1 }), { env: {} });
    assert.deepEqual(
      report.results.map((result) => result.release),
      release,
    );
    assert.deepEqual(
      houston.applied.map((change) => change.release),
      release,
    );
  });

  staged("takes what is left out, null or undefined from env, and from process.env if there is none", async (stage) => {
    const houston = await stage.houston();
    const env = { HOUSTON_TOKEN: TOKEN, HOUSTON_WAIT: "off" };
    const report = await deploy(options(houston, { token: undefined, wait: null }), { env });
    assert.deepEqual(report.warnings, []);
    process.env.HOUSTON_RELEASE = "analytics-prod";
    try {
      await deploy(options(houston, { release: undefined }));
    } finally {
      delete process.env.HOUSTON_RELEASE;
    }
    assert.equal(houston.applied[1].release, "analytics-prod");
  });

  staged("plans without sending", async (stage) => {
    const houston = await stage.houston();
    const report = await deploy(options(houston, { dryRun: true, platformVersion: "2.1.0" }), { env: {} });
    assert.deepEqual([report.status, houston.requests.length], ["planned", 0]);
    assert.equal(report.results[0].requests[0].headers.authorization, "***");
  });

  staged("writes the files that it is asked for, and says which it could not", async (stage) => {
    const houston = await stage.houston();
    const report = await deploy(options(houston, { reportFile: stage.path("report.json") }), { env: {} });
    assert.deepEqual(JSON.parse(stage.read("report.json")), report);
    if (process.platform !== "linux") return;
    const full = await rejection(options(houston, { reportFile: "/dev/full" }));
    // The deploy itself is known to have worked, and that must not be lost.
    assert.deepEqual([full.code, full.exitCode, full.report.status], ["INTERNAL", 1, "deployed"]);
    // That it did not work is more than that a file is missing, and keeps no other file from being written.
    const files = { reportFile: "/dev/full", summaryFile: stage.path("summary.md") };
    const denied = await rejection(options(houston, { token: VIEWER, ...files }));
    assert.deepEqual([denied.code, denied.exitCode, denied.report.status], ["PERMISSION_DENIED", 3, "refused"]);
    assert.match(stage.read("summary.md"), /PERMISSION_DENIED/);
  });

  staged("many at once do not disturb each other", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", reset: "after" });
    const given = ["analytics-dev", "analytics-none", "analytics-prod"].map((release) => options(houston, { release }));
    const ended = await Promise.allSettled(given.map((each) => deploy(each, { env: {} })));
    assert.deepEqual(
      ended.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(ended[1].reason.code === "DEPLOYMENT_NOT_FOUND" || ended[1].reason.code === "OUTCOME_UNKNOWN", true);
  });
});

describe("wrong options", () => {
  const rows = [
    [{ relese: "x" }, "relese", "did you mean `release`?"],
    [{ runtime_version: "12.1.1" }, "runtime_version", "did you mean `runtimeVersion`?"],
    [{ "runtime-version": "12.1.1" }, "runtime-version", "did you mean `runtimeVersion`?"],
    [{ output: "json" }, "output", undefined],
    [{ release: ["a", 1] }, "release", null],
    [{ attempts: Number.NaN }, "attempts", null],
    [{ attempts: 1n }, "attempts", null],
    [{ attempts: 1.5 }, "attempts", null],
    [{ pin: "perhaps" }, "pin", null],
    [{ image: { name: "a" } }, "image", null],
    [{ image: () => IMAGE }, "image", null],
    [{ reportFile: "no/such/folder/report.json" }, "report-file", null],
    [{ caCert: `${ROOT}package.json` }, "ca-cert", undefined],
  ];
  for (const [given, option, hint] of rows) {
    staged(`${option}: ${String(Object.values(given)[0]).slice(0, 20)}`, async (stage) => {
      const houston = await stage.houston();
      const { code, exitCode, report } = await rejection(options(houston, given));
      const found = report.error.problems.find((problem) => problem.option === option);
      assert.ok(found, JSON.stringify(report.error));
      if (hint !== undefined) assert.equal(found.hint, hint);
      assert.deepEqual([code, exitCode, report.results, houston.requests.length], ["INPUT_INVALID", 2, [], 0]);
    });
  }

  for (const given of [undefined, null, "x", 1, ["x"], {}]) {
    test(`deploy(${JSON.stringify(given)})`, { timeout: 10_000 }, async () => {
      assert.equal((await rejection(given)).code, "INPUT_INVALID");
    });
  }
});

describe("events and cancelling", () => {
  staged("onEvent is told each step and request", async (stage) => {
    const houston = await stage.houston();
    const events = [];
    const moving = options(houston, { image: "registry.example.com/acme/airflow:latest" });
    await deploy(moving, { env: {}, onEvent: (event) => events.push(event) });
    const kinds = events.map(({ type }) => type);
    assert.deepEqual(new Set(kinds), new Set(["warning", "progress", "request"]));
    assert.equal(kinds.filter((kind) => kind === "request").length, 2);
    const [{ warning }] = events;
    assert.equal(warning.code, "IMAGE_MOVES");
    const last = events.at(-1);
    assert.deepEqual(
      [last.type, last.release, last.message],
      ["progress", "analytics-dev", "Houston accepted the image"],
    );
    assert.ok(events.every(({ milliseconds }) => Number.isInteger(milliseconds)));
    assertNoSecret(JSON.stringify(events), "an event");
  });

  staged("an onEvent that throws does not stop the deploy, and is not lost", async (stage) => {
    const houston = await stage.houston();
    const throws = () => {
      throw new RangeError("mine");
    };
    for (const onEvent of [throws, async () => throws()]) {
      const before = houston.applied.length;
      await assert.rejects(deploy(options(houston), { env: {}, onEvent }), { name: "RangeError", message: "mine" });
      assert.equal(houston.applied.length, before + 1);
      await assert.rejects(deploy(options(houston, { token: VIEWER }), { env: {}, onEvent }), { name: "DeployError" });
    }
  });

  staged("an AbortSignal that was given up before sends nothing", async (stage) => {
    const houston = await stage.houston();
    const error = await rejection(options(houston), { env: {}, signal: AbortSignal.abort() });
    assert.deepEqual([error.code, error.exitCode, houston.requests.length], ["CANCELLED", 130, 0]);
    assert.equal(error.message, "cancelled before anything was changed");
  });

  staged("an AbortSignal while Houston is silent cancels, and is let go", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "version", hang: true });
    const controller = new AbortController();
    const onEvent = () => setTimeout(() => controller.abort(), 50);
    const error = await rejection(options(houston), { env: {}, signal: controller.signal, onEvent });
    assert.deepEqual([error.code, error.report.results[0].change], ["CANCELLED", "none"]);
    assert.equal(houston.applied.length, 0);
  });

  staged("an AbortSignal is let go once the deploy has ended", async (stage) => {
    const signal = new EventTarget();
    const held = new Set();
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (type, listener, how) => held.add(listener) && add(type, listener, how);
    signal.removeEventListener = (_, listener) => held.delete(listener);
    await deploy(options(await stage.houston()), { env: {}, signal });
    assert.equal(held.size, 0);
  });
});

describe("the process of the user", () => {
  staged("is left as it was, whatever the end", async (stage) => {
    const houston = await stage.houston();
    process.env.HOUSTON_TOKEN = TOKEN;
    process.env.HTTPS_PROXY = "http://127.0.0.1:1";
    try {
      const before = footprint();
      await deploy(options(houston, { token: undefined }));
      await rejection(options(houston, { image: "A" }), {});
      await rejection(options(houston, { token: VIEWER }), {});
      assert.deepEqual(footprint(), before);
    } finally {
      delete process.env.HOUSTON_TOKEN;
      delete process.env.HTTPS_PROXY;
    }
  });

  for (const node of NODES) {
    test(`ends by itself, by import and by require, ${labelOf(node)}`, { timeout: 20_000 }, () => {
      const scripts = {
        module: 'import { deploy } from "houston-deploy"; deploy({}).catch((error) => console.log(error.code));',
        commonjs: 'const { deploy } = require("houston-deploy"); deploy({}).catch((error) => console.log(error.code));',
      };
      for (const [type, script] of Object.entries(scripts)) {
        const run = spawnSync(node, [`--input-type=${type}`, "--eval", script], {
          cwd: ROOT,
          encoding: "utf8",
          timeout: 9000,
          env: {},
        });
        if (type === "commonjs" && run.stderr.includes("ERR_REQUIRE_ESM")) continue;
        assert.deepEqual([run.status, run.stdout], [0, "INPUT_INVALID\n"], run.stderr);
      }
    });
  }

  test("require gives the same functions where Node allows it", {
    skip: !process.features.require_module && "this Node does not",
  }, () => {
    assert.equal(createRequire(import.meta.url)("houston-deploy").deploy, deploy);
  });
});
