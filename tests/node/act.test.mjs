/**
 * The action in a workflow, run by act, a runner that nobody here wrote, on this machine and without a container: what
 * later steps read of it when it deploys, is refused and is cancelled. Where there is no act, that is said.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { stringify } from "yaml";
import { tool } from "../../tools/setup.mjs";
import { ended, environment, git } from "./gitlab/pipeline.mjs";
import { assertNoSecret, IMAGE, NODE24, ROOT, staged, TOKEN, VIEWER } from "./run.mjs";

const ACT = tool("act");

function whyNot() {
  if (process.platform !== "linux") return "a process is found by /proc";
  if (!ACT) return "act is not here: it is installed by `node tools/setup.mjs test` where there is Go";
  if (!NODE24) return "NODE24 does not name a Node 24";
  return spawnSync("git", ["--version"]).error ? "act needs git" : false;
}

/** Later steps: what they read, printed line by line; a value of the action stands in no script. */
const OUTPUTS = ["status", "verified", "proof", "deployment-id", "airflow-url", "digest"];
const variableOf = (name) => `OUT_${name.toUpperCase().replace("-", "_")}`;
const READER = {
  if: "always()",
  env: {
    OUTCOME: "${{ steps.deploy.outcome }}",
    ...Object.fromEntries(OUTPUTS.map((name) => [variableOf(name), `\${{ steps.deploy.outputs.${name} }}`])),
  },
  run: ['echo "outcome=$OUTCOME"', ...OUTPUTS.map((name) => `echo "${name}=$${variableOf(name)}"`)].join("\n"),
};

/** Makes a repository with the action and a workflow that uses it, and runs that; gives what was printed. */
async function workflow(stage, platform, token, onStart) {
  const home = stage.folderOutside("act");
  const project = join(home, "project");
  for (const name of ["action", "pkg"]) cpSync(join(ROOT, name), join(project, name), { recursive: true });
  const inputs = {
    workspace: "clworkspace0001",
    release: "analytics-dev",
    image: IMAGE,
    "runtime-version": "12.1.1",
    preflight: "off",
    wait: "off",
  };
  const steps = [
    // act copies the project itself here, and fetches no action for it.
    { uses: "actions/checkout@v6" },
    {
      id: "deploy",
      uses: "./action",
      "continue-on-error": true,
      with: { "houston-url": platform.url, token: "${{ secrets.TOKEN }}", ...inputs },
    },
    READER,
  ];
  mkdirSync(join(project, ".github", "workflows"), { recursive: true });
  const text = stringify({ on: "push", jobs: { deploy: { "runs-on": "ubuntu-latest", steps } } });
  writeFileSync(join(project, ".github", "workflows", "deploy.yml"), text);
  git(home, project, "init", "--quiet", "--initial-branch=main");
  git(home, project, "add", ".");
  git(home, project, "commit", "--quiet", "--message=Deploy");
  writeFileSync(join(home, "secrets"), `TOKEN='${token}'\n`);
  mkdirSync(join(home, "bin"));
  symlinkSync(NODE24, join(home, "bin", "node"));
  const words = [
    "push",
    "-P",
    "ubuntu-latest=-self-hosted",
    "--no-cache-server",
    "--secret-file",
    join(home, "secrets"),
  ];
  const env = environment(home, { ACT_DISABLE_VERSION_CHECK: "1" });
  const child = spawn(ACT, words, { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
  onStart?.(child);
  const { code, output } = await ended(child);
  assertNoSecret(output, "what act printed");
  const said = [...output.matchAll(/\| ([a-z-]+)=(.*)$/gm)].map(([, name, value]) => [name, value.trim()]);
  return { code, output, said: Object.fromEntries(said) };
}

/** The process of the action below act, once it is there. */
function actionBelow(pid) {
  const childrenOf = (parent) =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return (
            Number(
              readFileSync(`/proc/${name}/stat`, "utf8")
                .replace(/^.*\) \S /, "")
                .split(" ")[0],
            ) === parent
          );
        } catch {
          return false;
        }
      })
      .map(Number);
  const below = childrenOf(pid);
  return below.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("index.mjs"));
}

describe("the action under act", () => {
  const needs = { skip: whyNot() };

  staged(
    "deploys, and later steps read what it says",
    async (stage) => {
      const houston = await stage.houston();
      const { code, said, output } = await workflow(stage, houston, TOKEN);
      assert.equal(code, 0, output);
      assert.deepEqual(said, {
        outcome: "success",
        status: "deployed",
        verified: "false",
        proof: "accepted",
        "deployment-id": "cldeployment0001",
        "airflow-url": `${houston.origin}/analytics-dev/airflow`,
        digest: "",
      });
      assert.equal(houston.applied.length, 1);
      assert.match(output, /✅ Deployed: analytics-dev/);
    },
    needs,
  );

  staged(
    "is refused, and later steps read that",
    async (stage) => {
      const houston = await stage.houston();
      const { said, output } = await workflow(stage, houston, VIEWER);
      assert.deepEqual(
        [said.outcome, said.status, said.proof, said["deployment-id"]],
        ["failure", "refused", "", ""],
        output,
      );
      assert.match(output, /::error title=PERMISSION_DENIED::/);
      assert.equal(houston.applied.length, 0);
    },
    needs,
  );

  staged(
    "is cancelled as the runner does it, and later steps read what is known",
    async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "mutation", hang: "after" });
      const onStart = async (child) => {
        const arrived = () => houston.requests.some(({ operation }) => operation === "mutation");
        while (!arrived() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
        process.kill(actionBelow(child.pid), "SIGINT");
      };
      const { said, output } = await workflow(stage, houston, TOKEN, onStart);
      assert.deepEqual([said.outcome, said.status, said.verified], ["failure", "cancelled", "false"], output);
      assert.match(output, /::error title=CANCELLED::/);
      assert.equal(houston.requests.filter(({ operation }) => operation === "mutation").length, 1);
    },
    needs,
  );
});
