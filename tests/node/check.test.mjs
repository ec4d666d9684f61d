/**
 * `check` from outside, by all three ways in: what it says, what it ends with, and above all that it changes nothing.
 * What each line says of which answer is tested beside the core.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { check, DeployError } from "houston-deploy";
import { userToken } from "../platform/index.mjs";
import { readLog, readOutputs } from "./github.mjs";
import { AS_ROBOT, REPOSITORY, ROBOT } from "./preflight.mjs";
import { assertNoSecret, IMAGE, labelOf, NODES, SKIP_WITHOUT_24, staged, TOKEN, VIEWER } from "./run.mjs";
import { closedPort } from "./servers.mjs";

const WORKSPACE = "clworkspace0001";
const EVERYTHING = { workspace: WORKSPACE, wait: "auto" };

/** Houston got questions alone, and every Deployment is as it was. */
function assertUntouched({ requests, applied }) {
  const others = requests.filter(({ operation }) => !["version", "read", "airflow", "other"].includes(operation));
  assert.deepEqual([others.map(({ operation }) => operation), applied], [[], []]);
  for (const { method, rawBody } of requests) {
    assert.ok(["GET", "POST"].includes(method), method);
    assert.doesNotMatch(rawBody ?? "", /"query":"\s*mutation/);
  }
}

/** The lines on standard output, each as `verdict what`, without the column of releases. */
const heads = (stdout) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(0, 19).trimEnd().replace(/ +/, " "));

const READY = [
  "good input",
  "good token",
  "good houston",
  "good image",
  "good version",
  "good listed",
  "unknown endpoint",
  "good deployment",
  "good token",
  "good airflow",
];

/** A platform with its Airflows, and a registry that has the image. */
async function world(stage, options) {
  const registry = await stage.registry({ auth: { scheme: "basic", users: [ROBOT] } });
  const houston = await stage.houston({ airflow: true, ...options });
  return { registry, houston, image: `${registry.host}/${REPOSITORY}:1.4.2` };
}

describe("houston-deploy check", () => {
  for (const node of NODES) {
    staged(`finds all ready and changes nothing, on ${labelOf(node)}`, async (stage) => {
      const { houston, image } = await world(stage);
      const [robot, how] = AS_ROBOT;
      const options = { ...EVERYTHING, ...robot, image, preflight: "require", "runtime-version": undefined };
      const run = await stage.check(houston, options, { ...how, node });
      assert.deepEqual([run.code, heads(run.stdout)], [0, READY], run.stderr);
      assert.match(run.stdout, /^good {5}image {7}127\.0\.0\.1:\d+\/acme\/airflow:1\.4\.2 is sha256:[0-9a-f]{64}$/m);
      assert.match(run.stdout, /^good {5}airflow {5}Airflow 2\.9\.1 answers, and its schedulers can be seen$/m);
      assert.doesNotMatch(run.stderr, /^(?:warning|error)\[/m);
      const { status, results, warnings, checks } = run.report;
      assert.deepEqual([status, warnings, checks.length, results[0].checks.length], ["checked", [], 7, 3]);
      assert.deepEqual([results[0].change, results[0].proof, results[0].attempts], ["none", null, 0]);
      assertUntouched(houston);
    });
  }

  for (const version of ["0.34.1", "1.0.1", "2.1.0"]) {
    staged(`knows the Houston of ${version}`, async (stage) => {
      const houston = await stage.houston({ version, airflow: true });
      const run = await stage.check(houston, EVERYTHING);
      assert.deepEqual([run.code, heads(run.stdout)], [0, READY.with(3, "unknown image")], run.stderr);
      assertUntouched(houston);
    });
  }

  staged("ends with 3 where one of several Deployments is missing, and looks at the others", async (stage) => {
    const houston = await stage.houston({ airflow: true });
    const release = "analytics-dev,analytics-none,analytics-prod";
    const run = await stage.check(houston, { ...EVERYTHING, release, "junit-file": stage.path("junit.xml") });
    assert.equal(run.code, 3);
    assert.match(run.stderr, /^error\[DEPLOYMENT_NOT_FOUND\]: analytics-none: .+\nhint: correct `release`/m);
    assert.match(run.stdout, /^bad {6}deployment {2}analytics-none {2}DEPLOYMENT_NOT_FOUND: /m);
    for (const name of ["analytics-dev ", "analytics-prod"]) {
      assert.match(run.stdout, new RegExp(`^good {5}deployment {2}${name} {2}runs `, "m"));
    }
    for (const line of run.stdout.split("\n")) assert.ok(line.split("analytics-none").length <= 2, line);
    const junit = stage.read("junit.xml");
    assert.match(
      junit,
      /<testcase classname="houston-deploy" name="analytics-none: deployment" time="0\.000">\n +<failure type="DEPLOYMENT_NOT_FOUND"/,
    );
    assert.equal(junit.match(/<testcase /g).length, run.stdout.trimEnd().split("\n").length);
    assertUntouched(houston);
  });

  staged("says of a token that may only look that it may, and of an unknown one that it is refused", async (stage) => {
    const houston = await stage.houston({ airflow: true });
    const viewer = await stage.check(houston, EVERYTHING, { env: { HOUSTON_TOKEN: VIEWER } });
    assert.equal(viewer.code, 0, viewer.stderr);
    assert.match(
      viewer.stderr,
      /^warning\[PERMISSION_DENIED\]: this token may read analytics-dev .+\nhint: set `token`/m,
    );
    assert.match(viewer.stdout, /^warning {2}token {7}PERMISSION_DENIED: Houston knows it, and it may not deploy$/m);
    const unknown = await stage.check(houston, EVERYTHING, { env: { HOUSTON_TOKEN: "nobody" } });
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /^error\[PERMISSION_DENIED\]: .+\nhint: check that `token`/m);
    assertUntouched(houston);
  });

  staged("ends with 2 and asks nothing where the token has expired", async (stage) => {
    const houston = await stage.houston();
    const token = userToken({ exp: Math.floor(Date.now() / 1000) - 60 });
    const run = await stage.check(houston, EVERYTHING, { env: { HOUSTON_TOKEN: token } });
    assert.deepEqual([run.code, run.stdout, houston.requests.length], [2, "", 0]);
    assert.match(run.stderr, /^error\[TOKEN_EXPIRED\]: token: expired /m);
  });

  staged("ends with 4 where nothing listens, with a version given as well", async (stage) => {
    const url = `http://127.0.0.1:${await closedPort()}/v1`;
    for (const more of [{}, { "platform-version": "2.1.0" }]) {
      const run = await stage.check({ url }, { ...EVERYTHING, ...more, attempts: 1 });
      assert.equal(run.code, 4, JSON.stringify(more));
      assert.match(run.stdout, /^bad {6}houston {5}HOUSTON_UNREACHABLE: /m);
      assert.match(run.stdout, /^unknown {2}deployment {2}not read, since Houston gives no answer$/m);
      assert.equal(run.stderr.match(/^error\[/gm).length, 1);
    }
  });

  staged("ends with 3 where the image is not there, and looks at all else", async (stage) => {
    const { houston, registry } = await world(stage);
    const [robot, how] = AS_ROBOT;
    const image = `${registry.host}/${REPOSITORY}:none`;
    const run = await stage.check(houston, { ...EVERYTHING, ...robot, image, preflight: "auto" }, how);
    assert.deepEqual([run.code, heads(run.stdout)], [3, READY.with(3, "bad image")], run.stderr);
    assert.match(run.stderr, /^error\[IMAGE_NOT_FOUND\]: .+\nhint: push the image/m);
    assertUntouched(houston);
  });

  staged("changes nothing with --dry-run, nor with --pin and --fail-fast", async (stage) => {
    const { houston, image } = await world(stage);
    const [robot, how] = AS_ROBOT;
    const options = { ...EVERYTHING, ...robot, image, preflight: "auto" };
    for (const more of [{ "dry-run": true }, { pin: true }, { "fail-fast": true }]) {
      const run = await stage.check(houston, { ...options, ...more }, how);
      assert.deepEqual([run.code, run.report.status], [0, "checked"], run.stderr);
    }
    assertUntouched(houston);
  });

  staged("a signal ends it, and nothing was changed", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "read", hang: true });
    const run = await stage.check(houston, EVERYTHING, {
      onStart: (child) => child.stderr.on("data", (text) => text.includes("looking at") && child.kill("SIGTERM")),
    });
    assert.deepEqual([run.code, run.report.status], [143, "cancelled"], run.stderr);
    assertUntouched(houston);
  });

  staged("--output json is the report alone", async (stage) => {
    const houston = await stage.houston({ airflow: true });
    const run = await stage.check(houston, { ...EVERYTHING, output: "json" });
    assert.deepEqual(JSON.parse(run.stdout), run.report);
    assert.deepEqual(
      run.report.checks.map(({ what }) => what),
      ["input", "token", "houston", "image", "version", "listed", "endpoint"],
    );
  });

  staged("--help has an example and every option, and does nothing", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["check", "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage: houston-deploy check \[OPTIONS\]$/m);
    assert.ok(stdout.indexOf("houston-deploy check --base-domain") < stdout.indexOf("Options:"));
    assert.match(stdout, /^ {2}--workspace TEXT +\S/m);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
  });

  staged("a misspelt one names the nearest", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["chek", "--release", "x"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /"chek" is no command\n\s*hint: did you mean `check`\?/);
  });
});

describe("the action with the command check", () => {
  const act = async (stage, houston, given) => {
    const run = await stage.action(houston, { ...EVERYTHING, command: "check", ...given });
    return { ...run, ...readLog(run.stdout), outputs: readOutputs(stage.read("github-output")) };
  };

  staged(
    "looks, changes nothing, and writes outputs and summary",
    async (stage) => {
      const houston = await stage.houston({ airflow: true });
      const run = await act(stage, houston, { token: VIEWER });
      assert.deepEqual([run.code, run.outputs.status, run.outputs.verified], [0, "checked", "false"]);
      const [group, end, ...margin] = run.commands.filter(({ name }) => name !== "add-mask");
      assert.deepEqual([group.text, end.name], ["Checking", "endgroup"]);
      assert.deepEqual(
        margin.map(({ name, title }) => [name, title]),
        [["warning", "PERMISSION_DENIED"]],
      );
      assert.match(stage.read("github-summary"), /^## ✅ Checked: analytics-dev\n/m);
      assert.match(stage.read("github-summary"), /^\| ✅ \| deployment \| `runs /m);
      assertUntouched(houston);
    },
    { skip: SKIP_WITHOUT_24 },
  );

  staged(
    "marks each thing that is bad",
    async (stage) => {
      const houston = await stage.houston();
      const run = await act(stage, houston, { release: "analytics-none", "runtime-version": "99.0.0" });
      assert.equal(run.code, 3);
      const margin = run.commands.filter(({ name }) => name === "error" || name === "warning");
      assert.deepEqual(
        margin.map(({ name, title }) => [name, title]),
        [
          ["error", "DEPLOYMENT_NOT_FOUND"],
          ["warning", "VERSION_UNKNOWN"],
        ],
      );
      assertUntouched(houston);
    },
    { skip: SKIP_WITHOUT_24 },
  );

  for (const command of ["chekc", "setup", "Check"]) {
    staged(
      `takes no command "${command}", and deploys nothing`,
      async (stage) => {
        const houston = await stage.houston();
        const run = await act(stage, houston, { command });
        assert.deepEqual([run.code, houston.requests.length], [2, 0]);
        const error = run.commands.find(({ name }) => name === "error");
        assert.equal(error.title, "INPUT_INVALID");
        assert.match(error.text, /command/);
      },
      { skip: SKIP_WITHOUT_24 },
    );
  }
});

describe("check() in a script", () => {
  const options = ({ url }, more) => ({
    houstonUrl: url,
    token: TOKEN,
    release: "analytics-dev",
    image: IMAGE,
    runtimeVersion: "12.1.1",
    preflight: "off",
    workspace: WORKSPACE,
    ...more,
  });

  staged("resolves to the report", async (stage) => {
    const houston = await stage.houston({ airflow: true });
    const report = await check(options(houston), { env: {} });
    assert.deepEqual([report.status, report.error, report.results[0].checks.at(-1).verdict], ["checked", null, "good"]);
    assertNoSecret(JSON.stringify(report), "the report");
    assertUntouched(houston);
  });

  staged("rejects with a DeployError that has the report", async (stage) => {
    const houston = await stage.houston();
    const error = await check(options(houston, { release: ["analytics-dev", "analytics-none"] }), { env: {} }).then(
      () => assert.fail("the promise was fulfilled"),
      (reason) => reason,
    );
    assert.ok(error instanceof DeployError);
    assert.deepEqual([error.name, error.code, error.exitCode], ["DeployError", "DEPLOYMENT_NOT_FOUND", 3]);
    assert.deepEqual(
      error.report.results.map(({ status }) => status),
      ["checked", "refused"],
    );
    assertNoSecret(JSON.stringify(error.report) + error.stack + error.hint, "the error");
    assertUntouched(houston);
  });

  staged("an aborted signal ends it", async (stage) => {
    const houston = await stage.houston();
    const signal = AbortSignal.abort();
    await assert.rejects(check(options(houston), { env: {}, signal }), { code: "CANCELLED", exitCode: 130 });
    assert.equal(houston.requests.length, 0);
  });
});
