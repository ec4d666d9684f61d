/**
 * The command line as a program: what it prints where, what it ends with, and the files that it leaves, whether a
 * deploy went well or not. What Houston's answers mean is tested elsewhere.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { IMAGE, labelOf, NODES, PASSWORD, ROOT, staged, TOKEN, VIEWER } from "./run.mjs";
import { closedPort } from "./servers.mjs";

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));

const FILES = ["report-file", "summary-file", "junit-file", "dotenv-file", "annotations-file"];

/** Every file that a run can leave, by the option's name. */
const everyFile = (stage) => Object.fromEntries(FILES.map((option) => [option, stage.path(`written-${option}`)]));

const dotenv = (text) =>
  Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/=(.*)/s, 2)),
  );

describe("words without a deploy", () => {
  for (const words of [[], ["--help"], ["-h"], ["help"]]) {
    staged(`${words.join(" ") || "nothing"} shows the help, examples first`, async (stage) => {
      const { code, stdout, stderr } = await stage.cli(words);
      assert.deepEqual([code, stderr], [0, ""]);
      const parts = ["Examples:", "houston-deploy deploy --base-domain", "Commands:", "Options:", "--version"];
      const places = parts.map((part) => stdout.indexOf(part));
      assert.ok(!places.includes(-1), stdout);
      assert.deepEqual(
        places,
        [...places].sort((one, other) => one - other),
      );
    });
  }

  staged("deploy --help shows examples, then every option, and does nothing", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["deploy", "--release", "x", "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.indexOf("Examples:") < stdout.indexOf("Options:"));
    assert.match(stdout, /^ {2}--runtime-version TEXT +\S/m);
    assert.match(stdout, /^ {2}HOUSTON_TOKEN +\S/m);
    assert.doesNotMatch(stdout, /--token |--registry-password/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
  });

  staged("--version", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["--version"]);
    assert.deepEqual([code, stdout, stderr], [0, `${version}\n`, ""]);
  });

  staged("an unknown command names the nearest", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["deplyo"]);
    assert.match(stderr, /"deplyo" is no command\n\s*hint: did you mean `deploy`\?/);
    assert.deepEqual([code, stdout], [2, ""]);
  });
});

describe("a deploy that works", () => {
  for (const node of NODES) {
    staged(`prints progress, then the result: ${labelOf(node)}`, async (stage) => {
      const houston = await stage.houston();
      const { code, stdout, stderr, report } = await stage.deploy(houston, {}, { node });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^deployed {3}analytics-dev {2}12\.1\.1 {2}accepted {2}\d+ ms\n$/);
      const progress = stderr.trimEnd().split("\n");
      for (const line of progress) assert.match(line, /^ +\d+\.\ds {2}\S/);
      assert.match(progress.at(-1), /analytics-dev: Houston accepted the image$/);
      const [result] = report.results;
      const { deploymentId, attempts, change, proof, error, mayHaveArrived } = result;
      assert.deepEqual(
        { deploymentId, attempts, change, proof, error, mayHaveArrived },
        {
          deploymentId: "cldeployment0001",
          attempts: 1,
          change: "confirmed",
          proof: "accepted",
          error: null,
          mayHaveArrived: [],
        },
      );
      assert.deepEqual([report.schema, report.status, report.houston.version], [1, "deployed", "0.34.1"]);
    });
  }

  staged("an option and its value as two words", async (stage) => {
    const houston = await stage.houston();
    const words = ["deploy", "--houston-url", houston.url, "--release", "analytics-dev", "--release", "analytics-prod"];
    const more = [
      "--image",
      IMAGE,
      "--runtime-version",
      "12.1.1",
      "--pin",
      "false",
      "--preflight",
      "off",
      "--wait",
      "off",
    ];
    const { code, stderr } = await stage.cli([...words, ...more], { env: { HOUSTON_TOKEN: TOKEN } });
    assert.equal(code, 0, stderr);
    assert.deepEqual(houston.applied.map(({ release }) => release).sort(), ["analytics-dev", "analytics-prod"]);
  });

  staged("--output json leaves the report alone on standard output", async (stage) => {
    const houston = await stage.houston();
    const { code, stdout, report } = await stage.deploy(houston, { output: "json" });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), report);
  });

  staged("what could not be looked at is said as warnings", async (stage) => {
    const houston = await stage.houston({ airflow: { login: "unauthorized" } });
    const { code, stderr, report } = await stage.deploy(houston, {
      image: `127.0.0.1:${await closedPort()}/acme/airflow:1.4.2`,
      workspace: "clworkspace0001",
      preflight: undefined,
      wait: undefined,
      attempts: 1,
      "poll-interval": "100ms",
    });
    assert.equal(code, 0);
    assert.deepEqual(
      report.warnings.map(({ code }) => code),
      ["REGISTRY_UNREACHABLE", "WAIT_IMPOSSIBLE"],
    );
    assert.equal(report.results[0].verified, false);
    assert.match(stderr, /^warning\[WAIT_IMPOSSIBLE\]: .+\nhint: let this runner reach the Deployment's Airflow/m);
  });

  staged("every file is written", async (stage) => {
    const houston = await stage.houston();
    const options = { ...everyFile(stage), workspace: "clworkspace0001", release: "analytics-dev" };
    const { code } = await stage.deploy(houston, options);
    assert.equal(code, 0);
    const url = `${houston.origin}/analytics-dev/airflow`;
    assert.deepEqual(dotenv(stage.read("written-dotenv-file")), {
      HOUSTON_STATUS: "deployed",
      HOUSTON_VERIFIED: "false",
      HOUSTON_PROOF: "accepted",
      HOUSTON_DEPLOYMENT_ID: "cldeployment0001",
      HOUSTON_AIRFLOW_URL: url,
      HOUSTON_DIGEST: "",
    });
    const links = JSON.parse(stage.read("written-annotations-file"));
    assert.deepEqual(links, { Airflow: [{ external_link: { label: "Airflow analytics-dev", url } }] });
    assert.match(stage.read("written-junit-file"), /tests="1" failures="0" .*name="analytics-dev"/s);
    assert.match(stage.read("written-summary-file"), /^## ✅ Deployed: analytics-dev\n/);
    assert.equal(JSON.parse(stage.read("written-report-file")).results[0].before.version, "11.3.0");
  });
});

describe("a deploy that does not work", () => {
  staged("every file is written when Houston refuses", async (stage) => {
    const houston = await stage.houston();
    const { code, stdout, stderr } = await stage.deploy(houston, everyFile(stage), { env: { HOUSTON_TOKEN: VIEWER } });
    assert.equal(code, 3);
    assert.match(stdout, /^refused {4}analytics-dev/);
    assert.match(stderr, /^error\[PERMISSION_DENIED\]: .+\nhint: check that `token` /m);
    const report = JSON.parse(stage.read("written-report-file"));
    assert.deepEqual([report.status, report.error.code], ["refused", "PERMISSION_DENIED"]);
    const { HOUSTON_STATUS, HOUSTON_VERIFIED, HOUSTON_PROOF } = dotenv(stage.read("written-dotenv-file"));
    assert.deepEqual([HOUSTON_STATUS, HOUSTON_VERIFIED, HOUSTON_PROOF], ["refused", "false", ""]);
    assert.match(stage.read("written-junit-file"), /failures="1".*<failure type="PERMISSION_DENIED"/s);
    assert.match(
      stage.read("written-summary-file"),
      /### ❌ PERMISSION_DENIED.*\*\*What to do:\*\* check that `token`/s,
    );
    assert.deepEqual(JSON.parse(stage.read("written-annotations-file")), { Airflow: [] });
  });

  staged("every file is written when the input is wrong, and stdout is empty", async (stage) => {
    const { code, stdout } = await stage.deploy(undefined, { ...everyFile(stage), image: "a/B:1" });
    assert.deepEqual([code, stdout], [2, ""]);
    const report = JSON.parse(stage.read("written-report-file"));
    assert.deepEqual(report.error.problems.map(({ option }) => option).sort(), ["base-domain", "image"]);
    assert.equal(dotenv(stage.read("written-dotenv-file")).HOUSTON_STATUS, "refused");
    assert.match(stage.read("written-junit-file"), /failures="1".*name="input".*INPUT_INVALID/s);
    assert.match(stage.read("written-summary-file"), /### ❌ INPUT_INVALID/);
  });

  staged("--output json is JSON on failure too", async (stage) => {
    const wrong = await stage.deploy(undefined, { output: "json" });
    assert.deepEqual([wrong.code, JSON.parse(wrong.stdout).error.code], [2, "INPUT_INVALID"]);
    const houston = await stage.houston();
    const refused = await stage.deploy(houston, { output: "json", release: "analytics-none" });
    assert.deepEqual([refused.code, JSON.parse(refused.stdout).error.code], [3, "DEPLOYMENT_NOT_FOUND"]);
  });

  staged("with several releases the largest code of any of them", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", status: 502, body: "<html>" });
    const options = { release: "analytics-dev,analytics-none,analytics-prod", concurrency: 1, attempts: 1 };
    const { code, report, stdout } = await stage.deploy(houston, options);
    assert.equal(code, 5);
    const ended = report.results.map(({ release, status }) => [release, status]);
    const expected = [
      ["analytics-dev", "unknown"],
      ["analytics-none", "refused"],
      ["analytics-prod", "deployed"],
    ];
    assert.deepEqual(ended, expected);
    assert.deepEqual([report.status, report.error.code], ["unknown", "OUTCOME_UNKNOWN"]);
    assert.equal(stdout.trimEnd().split("\n").length, 3);
  });

  staged("fail-fast starts no further release", async (stage) => {
    const houston = await stage.houston();
    const options = { release: "analytics-none,analytics-prod", concurrency: 1, "fail-fast": true };
    const { code, report } = await stage.deploy(houston, options);
    assert.deepEqual(
      report.results.map(({ status }) => status),
      ["refused", "skipped"],
    );
    assert.deepEqual([code, houston.applied.length], [3, 0]);
  });

  staged("an empty part of the list ends well, and says so", async (stage) => {
    const houston = await stage.houston();
    const { code, report } = await stage.deploy(houston, { shard: "2/2" });
    assert.deepEqual([code, report.status, houston.requests.length], [0, "skipped", 0]);
    assert.match(report.warnings[0].message, /shard 2\/2 of 1 releases is empty/);
  });
});

describe("--debug", () => {
  staged("logs each request without secrets", async (stage) => {
    const houston = await stage.houston();
    const secret = { auths: { "r.example.com": { auth: Buffer.from(`user:${PASSWORD}`).toString("base64") } } };
    const file = stage.file("dockerconfigjson", JSON.stringify(secret));
    const options = { debug: true, "dockerconfigjson-file": file };
    const { code, stderr, stdout } = await stage.deploy(houston, options);
    assert.equal(code, 0);
    const logged = stderr.match(/POST http:\/\/127\.0\.0\.1:\d+\/v1 -> HTTP 200 in \d+ ms \(request [0-9a-f]{32}\)/g);
    assert.equal(logged.length, 2);
    assert.ok(!(stderr + stdout).includes(secret.auths["r.example.com"].auth));
    assert.deepEqual(houston.applied[0].dockerconfigjson, secret);
  });

  staged("is off otherwise", async (stage) => {
    const { stderr } = await stage.deploy(await stage.houston());
    assert.doesNotMatch(stderr, /POST/);
  });
});
