/**
 * The GitLab component: read as GitLab reads it, and run by gitlab-ci-local against the embedded platform, with the
 * program from each of the three places that it can come from.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import {
  cancelled,
  good,
  IMAGE,
  inputs,
  installProgram,
  JOB_TOKEN,
  jobOf,
  mutations,
  options,
  pipelineTest,
  run,
  secrets,
  text,
  variableOf,
  version,
} from "./gitlab/component.mjs";
import { refusal } from "./gitlab/interpolation.mjs";
import { makeMirror, packed, startGitlab, startRegistry } from "./gitlab/mirrors.mjs";
import { install, makeProject, root, runPipeline, whyNot } from "./gitlab/pipeline.mjs";

describe("the component's text", () => {
  test("has every option of deploy, by its name, with its kind and its default", () => {
    const { variables } = jobOf({});
    const notThere = new Set(["output", "debug"]);
    const known = new Set();
    assert.ok(options().length > 30);
    for (const { name, kind, written, fallback } of options()) {
      if (kind === "SECRET" || notThere.has(name)) {
        assert.ok(!(name in inputs) && !(variableOf(name) in variables), `${name} is no input`);
        continue;
      }
      known.add(variableOf(name));
      if (written) {
        assert.match(variables[variableOf(name)], /^houston-deploy\/[a-z]+\.[a-z]+$/, name);
        continue;
      }
      assert.ok(name in inputs, `${name} is missing`);
      const { type = "string", options: choices } = inputs[name];
      assert.equal(type, { BOOLEAN: "boolean", NUMBER: "number" }[kind] ?? "string", name);
      assert.deepEqual(choices, kind.includes("|") ? kind.split("|") : undefined, name);
      assert.equal(String(inputs[name].default), kind === "BOOLEAN" ? "false" : fallback, name);
      const given = { boolean: true, number: 7 }[type] ?? choices?.[1] ?? "7";
      assert.equal(jobOf({ [name]: given }).variables[variableOf(name)], String(given), name);
    }
    const others = Object.keys(variables).filter((name) => !known.has(name));
    assert.deepEqual(others, [
      "HOUSTON_DEPLOY_COMMAND",
      "HOUSTON_DEPLOY_PROGRAM",
      "HOUSTON_DEPLOY_PROJECT",
      "HOUSTON_DEPLOY_VERSION",
    ]);
    for (const name of others) assert.ok(!options().some((option) => variableOf(option.name) === name), name);
  });

  test("describes each input in one line, and has a default for all but the environment", () => {
    for (const [name, input] of Object.entries(inputs)) {
      assert.match(input.description, /^[A-Z].*[.)]$/, name);
      assert.equal("default" in input, name !== "environment", name);
      if ("default" in input) assert.equal(refusal(input, input.default), undefined, name);
    }
    assert.equal(inputs.version.default, version);
  });

  test("makes one job and nothing else, which cannot be interrupted and keeps its results when it fails", () => {
    const { name, ...job } = jobOf({ "job-name": "ship it", stage: "ship", "environment-action": "verify" });
    assert.equal(name, "ship it");
    assert.equal(job.stage, "ship");
    assert.equal(job.interruptible, false);
    assert.equal(job.resource_group, "$CI_ENVIRONMENT_NAME");
    assert.deepEqual(job.environment, { name: "dev", action: "verify", url: "$HOUSTON_AIRFLOW_URL" });
    assert.deepEqual(job.image, { name: "node:24-alpine", entrypoint: [""] });
    assert.equal(job.artifacts.when, "always");
    const { variables, artifacts } = job;
    assert.deepEqual(artifacts.paths, [variables.HOUSTON_REPORT_FILE, variables.HOUSTON_SUMMARY_FILE]);
    assert.deepEqual(artifacts.reports, {
      annotations: variables.HOUSTON_ANNOTATIONS_FILE,
      dotenv: variables.HOUSTON_DOTENV_FILE,
      junit: variables.HOUSTON_JUNIT_FILE,
    });
    for (const value of Object.values(variables)) assert.equal(typeof value, "string");
  });

  test("makes of a check a job that is no deployment and waits for none", () => {
    const job = jobOf({ command: "check", "resource-group": "deploys" });
    assert.deepEqual(job.environment, { name: "dev", action: "verify" });
    assert.ok(!("resource_group" in job));
    assert.equal(job.variables.HOUSTON_DEPLOY_COMMAND, "check");
  });

  test("pastes nothing into its script, which is a POSIX shell's, and names no server", () => {
    const { script } = jobOf({});
    const body = parse(text.slice(text.indexOf("\n---\n") + 5));
    const written = Object.entries(body).find(([name]) => !name.startsWith("."))[1];
    assert.deepEqual(written.script, script);
    for (const line of script) {
      assert.ok(!line.includes("[["));
      const checked = spawnSync("sh", ["-n"], { input: line, encoding: "utf8" });
      assert.deepEqual([checked.status, checked.stderr], [0, ""]);
    }
    assert.doesNotMatch(text, /gitlab\.com|https?:\/\/(?!houston\.<base-domain>)/);
  });

  test("lets no value of an input be anything but a value", () => {
    const hostile = [
      `x'\n  script: [touch pwned]\n  x: '`,
      `x' # `,
      `'`,
      `x\n  script: [touch pwned]`,
      `x\n---\nother: {script: [touch pwned]}`,
      `x"\n  script: [touch pwned]\n  x: "`,
      `x: [1, {2`,
      `"`,
      "\\",
      "*x",
      "!reference [a]",
      "$(touch pwned)",
      "`touch pwned`",
      "#",
      "x\r\n  script: [touch pwned]",
    ];
    let taken = 0;
    for (const [name, input] of Object.entries(inputs)) {
      if ((input.type ?? "string") !== "string") continue;
      const plain = JSON.stringify(jobOf({ [name]: input.options?.[0] ?? "7" }));
      const marked = JSON.stringify(jobOf({ [name]: input.options?.[0] ?? "7" })).split('"7"').length;
      for (const value of hostile) {
        if (refusal(input, value)) continue;
        taken += 1;
        let job;
        try {
          job = jobOf({ [name]: value });
        } catch (error) {
          // No YAML at all is no pipeline at all; but only a line of dashes may do that.
          assert.match(value, /\n---/, `${name} ${JSON.stringify(value)}: ${error.message}`);
          continue;
        }
        // A line break within quotes is read as a space.
        const read = JSON.stringify(value.replace(/\s*\n\s*/g, " "));
        const back = JSON.stringify(job).split(read);
        assert.ok(back.length > 1, `${name} ${JSON.stringify(value)} did not arrive`);
        assert.equal(back.join('"7"'), plain, `${name} ${JSON.stringify(value)}`);
        assert.equal(back.length, marked, name);
      }
    }
    assert.ok(taken > 100, `${taken} values were tried`);
  });
});

describe("the component at work", { skip: whyNot() }, () => {
  pipelineTest(
    "deploys with the program of the image, and hands the results to later jobs",
    async ({ home, platform }) => {
      installProgram(home);
      const after = { stage: ".post", needs: ["ship it"], script: ['echo "later: $HOUSTON_STATUS $HOUSTON_PROOF"'] };
      const project = makeProject(home, {
        inputs: { ...good(platform), program: "image", "job-name": "ship it", "release-file": "releases.txt" },
        variables: secrets,
        jobs: { after },
        files: { "releases.txt": "# both\nanalytics-prod\n" },
      });
      const { code, output, report } = await run(home, project);
      assert.equal(code, 0, output);
      assert.equal(report.status, "deployed");
      assert.deepEqual(platform.applied.map(({ release }) => release).sort(), ["analytics-dev", "analytics-prod"]);
      assert.equal(platform.deployments.get("analytics-dev").image, IMAGE);
      assert.match(output, /later: deployed accepted/);
    },
  );

  pipelineTest("checks, and changes nothing", async ({ home, platform }) => {
    installProgram(home);
    const inputs = { ...good(platform), program: "image", command: "check", workspace: "clworkspace0001" };
    const { code, output, report } = await run(home, makeProject(home, { inputs, variables: secrets }));
    assert.equal(code, 0, output);
    assert.equal(report.status, "checked");
    assert.match(output, /good +deployment +runs 11\.3\.0/);
    assert.deepEqual(platform.applied, []);
  });

  pipelineTest("keeps the exit code and the results of a refusal", async ({ home, platform }) => {
    installProgram(home);
    const project = makeProject(home, {
      inputs: { ...good(platform), release: "no-such-release", program: "image" },
      variables: secrets,
    });
    const { output, report } = await run(home, project);
    assert.match(output, /error\[DEPLOYMENT_NOT_FOUND\]/);
    assert.match(output, /finished in .* FAIL 3 /);
    assert.equal(report.env.HOUSTON_STATUS, "refused");
    assert.equal(report.results[0].error.code, "DEPLOYMENT_NOT_FOUND");
    assert.deepEqual(platform.applied, []);
  });

  pipelineTest("deploys with the program from an npm registry", async ({ home, platform, until }) => {
    const registry = until(await startRegistry(packed(home), version));
    const project = makeProject(home, {
      inputs: good(platform),
      variables: { ...secrets, NPM_CONFIG_REGISTRY: registry.url },
    });
    const { code, output, report } = await run(home, project);
    assert.equal(code, 0, output);
    assert.equal(report.env.HOUSTON_STATUS, "deployed");
    assert.deepEqual([...new Set(registry.asked)], ["/houston-deploy", `/houston-deploy-${version}.tgz`]);
  });

  pipelineTest("runs no package that is another than the registry promised", async ({ home, platform, until }) => {
    const registry = until(await startRegistry(packed(home), version, { broken: true }));
    const project = makeProject(home, {
      inputs: good(platform),
      variables: { ...secrets, NPM_CONFIG_REGISTRY: registry.url, NPM_CONFIG_FETCH_RETRIES: "0" },
    });
    const { output, report } = await run(home, project);
    assert.match(output, /error: program: npm could not fetch version \S+ .*; nothing was sent to Houston/);
    assert.match(output, /finished in .* FAIL 4 /);
    assert.equal(report, undefined);
    assert.equal(platform.requests.length, 0);
  });

  pipelineTest("deploys with the program from a git mirror, the job token in no argument", async (parts) => {
    const { home, platform, until } = parts;
    const gitlab = until(await startGitlab(home, makeMirror(home, version), JOB_TOKEN));
    const real = spawnSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).stdout.trim();
    // What git is called with, and what it is not to have in its environment.
    install(
      home,
      "git",
      `printf '%s\\n' "git: $*" "env: \${HOUSTON_TOKEN:-none}" >> "$HOME/arguments"\nexec ${real} "$@"`,
    );
    const project = makeProject(home, {
      inputs: { ...good(platform), program: "git", "program-project": "tools/houston-deploy" },
      variables: { ...secrets, CI_SERVER_URL: gitlab.url },
    });
    const { code, output, report } = await run(home, project);
    assert.equal(code, 0, output);
    assert.equal(report.env.HOUSTON_STATUS, "deployed");
    assert.ok(gitlab.asked.some(({ authorization }) => authorization));
    const called = readFileSync(join(home, "arguments"), "utf8");
    assert.match(called, /fetch --quiet --no-tags --depth 1 \S+\/tools\/houston-deploy\.git v\d/);
    assert.ok(!called.includes(JOB_TOKEN));
    assert.deepEqual([...new Set(called.match(/^env: .*$/gm))], ["env: none"]);
  });

  pipelineTest("takes the job token nowhere else, and says in one line what is missing", async (parts) => {
    const { home, platform, until } = parts;
    const elsewhere = until(await startGitlab(home, makeMirror(home, version), JOB_TOKEN));
    const gitlab = until(await startGitlab(home, "", JOB_TOKEN, { redirectTo: elsewhere.url }));
    const project = makeProject(home, {
      inputs: { ...good(platform), program: "git", "program-project": "tools/houston-deploy" },
      variables: { ...secrets, CI_SERVER_URL: gitlab.url },
    });
    const { output } = await run(home, project);
    assert.match(output, /error: program: git could not fetch v\S+ of tools\/houston-deploy .*; nothing was sent/);
    assert.match(output, /finished in .* FAIL 4 /);
    assert.deepEqual(elsewhere.asked, []);
    assert.equal(platform.requests.length, 0);
  });

  pipelineTest("says in one line that the image has no program", async ({ home, platform }) => {
    const project = makeProject(home, { inputs: { ...good(platform), program: "image" }, variables: secrets });
    const { output } = await run(home, project);
    assert.match(output, /error: program: this image has no houston-deploy on its PATH; nothing was sent to Houston/);
    assert.match(output, /finished in .* FAIL 2 /);
    assert.equal(platform.requests.length, 0);
  });

  pipelineTest("does nothing that a value says", async ({ home, platform }) => {
    installProgram(home);
    const said = (mark) => `$(touch ${home}/${mark}) \`touch ${home}/${mark}\` "; touch ${home}/${mark}; $HOME \\`;
    const project = makeProject(home, {
      inputs: {
        "houston-url": said("url"),
        release: `${said("release")}\n${said("line")}`,
        image: said("image"),
        "runtime-version": said("version"),
        workspace: said("workspace"),
        platform: said("platform"),
        timeout: said("timeout"),
        shard: said("shard"),
        program: "image",
      },
      variables: secrets,
    });
    const { output } = await run(home, project);
    assert.match(output, /finished in .* FAIL 2 /);
    assert.match(output, /^.* {2}image: "\$\(touch \S+\/image\) `touch /m);
    for (const mark of ["url", "release", "line", "image", "version", "workspace", "platform", "timeout", "shard"]) {
      assert.ok(!existsSync(join(home, mark)), `${mark} was run`);
    }
    assert.equal(platform.requests.length, 0);
  });

  pipelineTest("is part of this project's own pipeline, which can be read", async ({ home }) => {
    const project = makeProject(home, {
      files: { ".gitlab-ci.yml": readFileSync(join(root, ".gitlab-ci.yml"), "utf8") },
    });
    const listed = await runPipeline(home, project, "--list-json", "--variable", "CI_COMMIT_TAG=v1.2.3");
    assert.equal(listed.code, 0, listed.output);
    const jobs = JSON.parse(listed.output.slice(listed.output.indexOf("\n[") + 1));
    assert.deepEqual(jobs.map(({ name }) => name).sort(), ["checks", "component", "package", "release"]);
  });

  pipelineTest("lets a cancel reach the program, under a plain POSIX shell", async ({ home, platform }) => {
    installProgram(home);
    const { code, output, report } = await cancelled(home, platform, { program: "image" });
    assert.equal(code, 143, output);
    assert.equal(report.env.HOUSTON_STATUS, "cancelled");
  });

  /** The program from elsewhere, each with what the job needs to get it. */
  const WAYS = {
    async npm(home, until) {
      const registry = until(await startRegistry(packed(home), version));
      return [{}, { NPM_CONFIG_REGISTRY: registry.url }];
    },
    async git(home, until) {
      const gitlab = until(await startGitlab(home, makeMirror(home, version), JOB_TOKEN));
      return [{ program: "git", "program-project": "tools/houston-deploy" }, { CI_SERVER_URL: gitlab.url }];
    },
  };
  for (const [name, way] of Object.entries(WAYS)) {
    pipelineTest(`keeps the exit code of a refusal, with the program by ${name}`, async ({ home, platform, until }) => {
      const [inputs, variables] = await way(home, until);
      const project = makeProject(home, {
        inputs: { ...good(platform), release: "no-such-release", ...inputs },
        variables: { ...secrets, ...variables },
      });
      const { output, report } = await run(home, project);
      assert.match(output, /finished in .* FAIL 3 /);
      assert.equal(report.env.HOUSTON_STATUS, "refused");
      assert.deepEqual(platform.applied, []);
    });

    pipelineTest(`lets a cancel reach the program by ${name}`, async ({ home, platform, until }) => {
      const [inputs, variables] = await way(home, until);
      const { code, output, report } = await cancelled(home, platform, inputs, variables);
      assert.equal(code, 143, output);
      assert.equal(report.env.HOUSTON_STATUS, "cancelled");
      assert.equal(mutations(platform), 1);
    });
  }
});
