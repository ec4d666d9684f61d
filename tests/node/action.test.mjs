/**
 * The action under Node 24, started and read the way GitHub's runner does it: inputs in the environment, commands and
 * files out. Text from a server, however made, must neither act in the log nor become an output.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { parse } from "yaml";
import { selfSigned } from "../platform/index.mjs";
import { readLog, readOutputs } from "./github.mjs";
import { IMAGE, PASSWORD, ROOT, SKIP_WITHOUT_24, staged, TOKEN, VIEWER } from "./run.mjs";

const { inputs, outputs, runs } = parse(readFileSync(`${ROOT}action/action.yml`, "utf8"));
const needs24 = { skip: SKIP_WITHOUT_24 };

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const GITHUB = {
  GITHUB_SHA: COMMIT,
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "acme/dags",
  GITHUB_RUN_ID: "4711",
};

/** Runs the action with every input there is, empty where not given, and reads what it left as the runner would. */
async function act(stage, platform, given = {}, env = {}) {
  const empty = Object.fromEntries(Object.keys(inputs).map((name) => [name, ""]));
  const secrets = { token: TOKEN, "houston-url": platform?.url, image: IMAGE, release: "analytics-dev" };
  const settings = { "runtime-version": "12.1.1", preflight: "off", wait: "off" };
  const run = await stage.action(
    undefined,
    { ...empty, ...secrets, ...settings, ...given },
    { env: { ...GITHUB, ...env } },
  );
  const written = readOutputs(stage.read("github-output"));
  // Masks hold the secret for the runner's sake alone; from here on the log is searched without them.
  const log = readLog(run.stdout);
  return { ...run, ...log, outputs: written, summary: stage.read("github-summary") };
}

const names = (commands) => commands.map(({ name }) => name);

describe("the action", () => {
  staged(
    "deploys, and says so to the runner",
    async (stage) => {
      const houston = await stage.houston();
      const run = await act(stage, houston, { workspace: "clworkspace0001" });
      assert.deepEqual([run.code, run.stderr, houston.applied.length], [0, "", 1]);
      assert.equal(run.stdout.split("\n")[0], `::add-mask::${TOKEN}`);
      assert.deepEqual(names(run.commands), ["add-mask", "group", "endgroup"]);
      assert.match(
        run.lines.join("\n"),
        /Houston accepted the image\ndeployed {3}analytics-dev {2}11\.3\.0 -> 12\.1\.1/,
      );
      const { report, ...others } = run.outputs;
      assert.deepEqual(others, {
        status: "deployed",
        verified: "false",
        proof: "accepted",
        "deployment-id": "cldeployment0001",
        "airflow-url": `${houston.origin}/analytics-dev/airflow`,
        digest: "",
      });
      assert.equal(JSON.parse(report).results[0].change, "confirmed");
      assert.deepEqual(Object.keys(run.outputs).sort(), Object.keys(outputs).sort());
    },
    needs24,
  );

  staged(
    "writes a summary with what, where and from which commit",
    async (stage) => {
      const { summary } = await act(stage, await stage.houston());
      const parts = [
        "## ✅ Deployed: analytics-dev",
        `\`${IMAGE}\``,
        "Runtime 12.1.1",
        "(0.34.1)",
        "| `analytics-dev` | deployed |",
      ];
      const links = [
        `[\`0123456\`](https://github.com/acme/dags/commit/${COMMIT})`,
        "(https://github.com/acme/dags/actions/runs/4711)",
      ];
      for (const part of [...parts, ...links]) assert.ok(summary.includes(part), `${part} is not in\n${summary}`);
    },
    needs24,
  );

  staged(
    "tells a refusal with code and hint, and still writes outputs and summary",
    async (stage) => {
      const houston = await stage.houston();
      const run = await act(stage, houston, { token: VIEWER });
      assert.equal(run.code, 3);
      assert.deepEqual(names(run.commands), ["add-mask", "group", "endgroup", "error"]);
      const { title, text } = run.commands.at(-1);
      assert.equal(title, "PERMISSION_DENIED");
      assert.match(
        text,
        /do not have the appropriate permissions for that" \(request [0-9a-f]{32}\)\nhint: check that `token`/,
      );
      assert.match(run.lines.join("\n"), /^error\[PERMISSION_DENIED\]: .+\nhint: check/m);
      assert.deepEqual([run.outputs.status, run.outputs.proof, run.outputs["deployment-id"]], ["refused", "", ""]);
      assert.equal(JSON.parse(run.outputs.report).error.code, "PERMISSION_DENIED");
      assert.match(run.summary, /### ❌ PERMISSION_DENIED/);
    },
    needs24,
  );

  staged(
    "names a misspelt input and the nearest, and sends nothing",
    async (stage) => {
      const houston = await stage.houston();
      const run = await act(stage, houston, { relese: "analytics-dev" });
      assert.deepEqual([run.code, houston.requests.length, run.outputs.status], [2, 0, "refused"]);
      const { title, text } = run.commands.at(-1);
      assert.deepEqual([title, text], ["INPUT_INVALID", "relese: is no option\nhint: did you mean `release`?"]);
    },
    needs24,
  );

  staged(
    "takes what no input says from HOUSTON_ variables",
    async (stage) => {
      const houston = await stage.houston();
      const given = { token: "", release: "", "runtime-version": "" };
      const env = { HOUSTON_TOKEN: TOKEN, HOUSTON_RELEASE: "analytics-prod", HOUSTON_RUNTIME_VERSION: "11.3.0" };
      const run = await act(stage, houston, given, env);
      assert.deepEqual(
        [run.code, houston.applied[0].release, houston.applied[0].runtimeVersion],
        [0, "analytics-prod", "11.3.0"],
      );
      assert.equal(run.commands[0].text, TOKEN);
    },
    needs24,
  );

  staged(
    "masks each line of each secret before anything else, escaped",
    async (stage) => {
      const token = `first%0Aline::${PASSWORD}\nsecond-line,of:it`;
      const secrets = { token, "registry-username": "robot", "registry-password": "hunter-two" };
      const run = await act(stage, await stage.houston(), secrets);
      assert.equal(run.code, 2);
      const masks = run.commands.filter(({ name }) => name === "add-mask").map(({ text }) => text);
      for (const line of [...token.split("\n"), "hunter-two"])
        assert.ok(masks.includes(line), `${line.slice(0, 6)} is not masked`);
      const first = run.commands.findIndex(({ name }) => name !== "add-mask");
      assert.equal(first, masks.length);
      assert.ok(run.stdout.startsWith("::add-mask::"));
      const rest = run.stdout
        .split("\n")
        .filter((line) => !line.startsWith("::add-mask::"))
        .join("\n");
      for (const secret of ["second-line", "hunter-two", PASSWORD]) assert.ok(!(rest + run.summary).includes(secret));
    },
    needs24,
  );

  staged(
    "logs requests with RUNNER_DEBUG alone",
    async (stage) => {
      const houston = await stage.houston();
      const debugged = await act(stage, houston, {}, { RUNNER_DEBUG: "1" });
      const logged = debugged.commands.filter(({ name }) => name === "debug");
      assert.deepEqual([debugged.code, logged.length], [0, 2]);
      assert.match(logged[1].text, /analytics-dev: POST .* -> HTTP 200 in \d+ ms \(request [0-9a-f]{32}\)/);
      const quiet = await act(stage, houston);
      assert.ok(!names(quiet.commands).includes("debug"));
      assert.doesNotMatch(quiet.stdout, /POST/);
    },
    needs24,
  );

  staged(
    "trusts a CA that an input names",
    async (stage) => {
      const tls = selfSigned();
      const houston = await stage.houston({ tls });
      const { code, stdout } = await act(stage, houston, { "ca-cert": stage.file("ca.pem", tls.cert) });
      assert.equal(code, 0, stdout);
    },
    needs24,
  );

  staged(
    "leaves an output empty that GitHub would not take, and says so",
    async (stage) => {
      const list = stage.file("releases.txt", Array.from({ length: 1500 }, (_, index) => `team-${index}`).join("\n"));
      const given = { "dry-run": "true", "platform-version": "2.1.0", release: "", "release-file": list };
      const run = await act(stage, await stage.houston(), given);
      assert.deepEqual([run.code, run.outputs.status, run.outputs.report], [0, "planned", ""]);
      assert.match(run.commands.at(-1).text, /^The output report is empty/);
      assert.ok(Buffer.byteLength(run.summary) <= 1024 * 1024);
    },
    needs24,
  );

  staged(
    "works where no file for outputs is given",
    async (stage) => {
      const houston = await stage.houston();
      const { code } = await act(stage, houston, {}, { GITHUB_OUTPUT: "", GITHUB_STEP_SUMMARY: "" });
      assert.deepEqual([code, houston.applied.length], [0, 1]);
    },
    needs24,
  );
});

describe("foreign text", () => {
  const HOSTILE = [
    "oops\n::set-output name=status::deployed\n::error::forged",
    "::add-mask::analytics",
    "  ::stop-commands::x",
    "\u00a0\u200b::warning::forged",
    "\u00ad:\u00ad:error::forged",
    "a ##[error]forged ##[command]x",
    "#\u200b#[group]forged",
    "\r::notice::forged\r\n::endgroup::",
    "%0A::set-env name=PATH::/tmp%0D%0a##[add-path]/tmp",
    "end_of_output_0\nstatus<<x\ndeployed\nx\nverified=true",
    "\x1b]0;title\x07\x1b[2K\u202e::error::",
  ];

  for (const message of HOSTILE) {
    staged(
      `from Houston does not act: ${JSON.stringify(message).slice(0, 50)}`,
      async (stage) => {
        const houston = await stage.houston();
        const path = ["updateDeploymentImage"];
        houston.faults.add({ on: "mutation", graphql: { data: null, errors: [{ message, path }] } });
        houston.faults.add({
          on: "mutation",
          graphql: { data: null, errors: [{ message, path, extensions: { code: "BAD_USER_INPUT" } }] },
        });
        const run = await act(stage, houston, { attempts: "2" }, { RUNNER_DEBUG: "1" });
        const acting = names(run.commands).filter((name) => name !== "debug");
        assert.deepEqual([run.code, acting], [5, ["add-mask", "group", "endgroup", "error", "warning"]]);
        assert.deepEqual(Object.keys(run.outputs).sort(), Object.keys(outputs).sort());
        assert.deepEqual([run.outputs.status, run.outputs.verified], ["unknown", "false"]);
        assert.equal(JSON.parse(run.outputs.report).error.code, "OUTCOME_UNKNOWN");
        assert.ok(!run.stdout.includes("\x1b") && !run.summary.includes("\x1b"));
      },
      needs24,
    );
  }

  staged(
    "in an echo, an input or a file does not act",
    async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({
        on: "mutation",
        tamper(answer) {
          Object.assign(answer.data.updateDeploymentImage, {
            id: "x\n::error::y",
            releaseName: "::set-output name=a::b",
          });
          return answer;
        },
      });
      const echoed = await act(stage, houston);
      assert.deepEqual(names(echoed.commands), ["add-mask", "group", "endgroup", "error"]);
      assert.equal(echoed.outputs["deployment-id"], "");

      const list = stage.file("releases.txt", "##[error]x\n::error::y\n");
      const given = {
        image: "::set-output name=a::b",
        release: "x\n##[error]y",
        "release-file": list,
        "##[inp]": "::x::y",
      };
      const refused = await act(stage, houston, given);
      assert.deepEqual([refused.code, names(refused.commands)], [2, ["add-mask", "group", "endgroup", "error"]]);
    },
    needs24,
  );
});

describe("action.yml", () => {
  staged("names a program that exists, and outputs that are written", async () => {
    assert.deepEqual(runs, { using: "node24", main: "index.mjs" });
    assert.ok(readFileSync(`${ROOT}action/${runs.main}`, "utf8").length > 0);
    for (const [name, { description, ...rest }] of Object.entries(inputs)) {
      assert.match(description, /\.$/, name);
      // A default here would come before the environment.
      assert.deepEqual(rest, {}, name);
    }
  });
});
