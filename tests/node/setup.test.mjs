/**
 * `setup` from outside: what the command line prints and what the library gives, and the Helm values by a YAML parser of
 * others. The scripts have a file of their own.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DeployError, setup } from "houston-deploy";
import { parse } from "yaml";
import { PASSWORD, ROOT, staged, TOKEN } from "./run.mjs";
import { assertValues, CASES, each, flags, printed } from "./setup-cases.mjs";

describe("the Helm values", () => {
  each((name, options) => {
    staged(`${name}: every key is in its place, in YAML as in data`, async (stage) => {
      const yaml = await printed(stage, options, "yaml");
      assertValues(parse(yaml, { version: "1.1", strict: true, uniqueKeys: true }), options);
      assertValues(parse(yaml, { version: "1.2" }), options);
      const data = JSON.parse(await printed(stage, options, "json"));
      assertValues(data.values, options);
      assert.equal(data.yaml, yaml);
      assert.deepEqual(await setup(options, { env: {} }), data);
    });
  });

  staged("a name that YAML could take for something else stays a text", async (stage) => {
    for (const secretName of ["1", "1e3", "null", "true", "no", "0x1f", "2026-01-01", "1.5"]) {
      const options = { ...CASES["standard, one registry"], secretName, platformVersion: "1.0.1" };
      assertValues(parse(await printed(stage, options, "yaml"), { version: "1.1" }), options);
    }
  });
});

const GOOD = { ...CASES["standard, one registry"], platformVersion: "0.34.1" };

describe("today's values", () => {
  staged("an error is told by line, nothing is printed, and the file stays as it is", async (stage) => {
    const today = "astronomer:\n  houston:\n    config:\n      deployments:\n        registry: {}\n";
    const path = stage.file("today.yaml", today);
    for (const format of ["text", "yaml", "shell"]) {
      const words = ["setup", ...flags(GOOD), `--format=${format}`, `--values-file=${path}`];
      const { code, stdout, stderr } = await stage.cli(words);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(
        stderr,
        /^error\[INPUT_INVALID\]: values-file: line 5: astronomer\.houston\.config\.deployments\.registry is in/,
      );
      assert.match(stderr, /^hint: move it to astronomer\.houston\.config\.registry$/m);
    }
    const { code, stdout } = await stage.cli(["setup", ...flags(GOOD), "--format=json", `--values-file=${path}`]);
    const report = JSON.parse(stdout);
    assert.deepEqual([code, report.status, report.findings.at(-1).line], [2, "refused", 5]);
    assert.equal(stage.read("today.yaml"), today);
    assert.deepEqual(readdirSync(stage.folder), ["today.yaml"]);
  });

  staged("a warning stands on standard error, and the values are printed", async (stage) => {
    const path = stage.file("today.yaml", "astronomer:\n  houston:\n    config: {}\n");
    const { code, stdout, stderr } = await stage.cli([
      "setup",
      ...flags(GOOD),
      "--format=yaml",
      `--values-file=${path}`,
    ]);
    assert.equal(code, 0);
    assertValues(parse(stdout), GOOD);
    assert.match(
      stderr,
      /^warning\[INPUT_INVALID\]: values-file: line 3: astronomer\.houston\.config\.registry is missing\nhint: /m,
    );
  });

  staged("a file of 20 MB, a folder, and none at all", async (stage) => {
    const large = stage.file("large.yaml", "a: 1\n".repeat(4 * 1024 * 1024));
    const of = async (path) =>
      (await stage.cli(["setup", ...flags(GOOD), `--values-file=${path}`])).stderr.split("\n")[0];
    assert.match(await of(large), /^error\[INPUT_INVALID\]: values-file: ".*" has more than 1048576 bytes$/);
    assert.match(await of(stage.folder), /^error\[INPUT_INVALID\]: values-file: ".*" is a folder$/);
    assert.match(await of(stage.path("none")), /^error\[INPUT_INVALID\]: values-file: ".*" does not exist$/);
  });
});

describe("the command line", () => {
  staged("setup --help shows examples, then every option, and does nothing", async (stage) => {
    for (const words of [["--help"], ["--mode", "standard", "-h"]]) {
      const { code, stdout, stderr } = await stage.cli(["setup", ...words]);
      assert.deepEqual([code, stderr], [0, ""]);
      const places = ["Examples:", "houston-deploy setup --mode", "\nOptions:", "--values-file", "Exit codes:"];
      const found = places.map((part) => stdout.lastIndexOf(part));
      assert.ok(!found.includes(-1), stdout);
      assert.ok(stdout.indexOf("Examples:") < stdout.indexOf("\nOptions:"));
      assert.doesNotMatch(stdout, /--registry-password/);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
    }
  });

  staged("the examples of the help work", async (stage) => {
    const { stdout } = await stage.cli(["setup", "--help"]);
    const joined = stdout.slice(0, stdout.indexOf("Every option")).replaceAll("\\\n", " ");
    const examples = [...joined.matchAll(/^ {2}houston-deploy (setup .*?)(?: >\S+)?$/gm)].map(([, words]) => words);
    assert.equal(examples.length, 3);
    stage.file("today.yaml", "null\n");
    for (const example of examples) assert.equal((await stage.cli(example.split(/\s+/))).code, 0, example);
  });

  staged("the commands of the documentation work", async (stage) => {
    stage.file("today.yaml", "null\n");
    for (const [page, count] of [
      ["docs/setup.md", 3],
      ["README.md", 1],
    ]) {
      const blocks = readFileSync(join(ROOT, page), "utf8").matchAll(/^```sh\n([^]*?)^```$/gm);
      const lines = [...blocks].flatMap(([, block]) => block.replaceAll("\\\n", " ").split("\n"));
      const commands = lines.flatMap(
        (line) => /^(?:houston-deploy|node pkg\/cli\.js) (setup .*?)(?: >\S+)?$/.exec(line)?.[1] ?? [],
      );
      assert.equal(commands.length, count, page);
      for (const command of commands) assert.equal((await stage.cli(command.split(/\s+/))).code, 0, command);
    }
  });

  staged("the help of the program names the command", async (stage) => {
    assert.match((await stage.cli(["--help"])).stdout, /^ {2}setup +print what the platform needs once/m);
    assert.match((await stage.cli(["setups"])).stderr, /"setups" is no command\nhint: did you mean `setup`\?/);
  });

  staged("wrong options are named all at once, and a secret is not shown", async (stage) => {
    const words = ["--mode=offline", "--repostory", "x", `--registry-password=${PASSWORD}`];
    const { code, stdout, stderr } = await stage.cli(["setup", ...words]);
    assert.deepEqual([code, stdout], [2, ""]);
    for (const line of [
      'mode: "offline" is none of standard, airgapped',
      "hint: did you mean `--repository`?",
      "registry-password: is no option",
      "hint: the password is read where the commands run: set HOUSTON_REGISTRY_PASSWORD there",
      "secret-name: is missing",
    ]) {
      assert.ok(stderr.includes(line), `${line} is not in\n${stderr}`);
    }
  });

  staged("a secret of the environment is in nothing that is printed", async (stage) => {
    const env = { HOUSTON_TOKEN: TOKEN, HOUSTON_REGISTRY_PASSWORD: PASSWORD };
    for (const format of ["text", "yaml", "shell", "json"]) await printed(stage, GOOD, format, { env });
    const { code, stderr } = await stage.cli(["setup", ...flags({ ...GOOD, registryUsername: PASSWORD })], { env });
    assert.equal(code, 2);
    assert.match(stderr, /registry-username: holds a secret, which does not belong here/);
  });
});

describe("the library", () => {
  const rejection = (options, surroundings = { env: {} }) =>
    setup(options, surroundings).then(
      () => assert.fail("the promise was fulfilled"),
      (reason) => reason,
    );

  test("rejects wrong options as deploy does", async () => {
    const error = await rejection({ mode: "standard", repository: "acme", release: 7, sekretName: "x" });
    assert.ok(error instanceof DeployError);
    assert.deepEqual([error.code, error.exitCode, error.report.status], ["INPUT_INVALID", 2, "refused"]);
    const { problems } = error.report.error;
    assert.deepEqual(
      problems.map(({ option }) => option),
      ["release", "sekretName", "repository", "secret-name", "platform-version"],
    );
    assert.equal(problems[1].hint, "did you mean `secretName`?");
    for (const wrong of [null, [], "text", 7]) assert.equal((await rejection(wrong)).exitCode, 2);
  });

  staged("rejects errors in today's values, and resolves with warnings", async (stage) => {
    const tabs = stage.file("tabs.yaml", "astronomer:\n\thouston: {}\n");
    const { code, message, report } = await rejection({ ...GOOD, valuesFile: tabs });
    assert.deepEqual([code, message], ["INPUT_INVALID", "values-file: line 2: is indented by a tab"]);
    assert.deepEqual([report.findings[0].level, report.findings[0].line, report.results], ["error", 2, []]);
    const empty = stage.file("empty.yaml", "null\n");
    const plan = await setup({ ...GOOD, valuesFile: empty }, { env: {} });
    assert.deepEqual(
      plan.findings.map(({ level, path }) => [level, path]),
      [["warning", "astronomer"]],
    );
  });

  test("takes releases as an array, options from env, and warns of passwords that do not last", async () => {
    const options = { mode: "standard", perDeployment: true, release: ["one", "two"], secretName: "pull" };
    const { variables } = await setup(options, { env: { HOUSTON_PLATFORM_VERSION: "1.0.1" } });
    assert.deepEqual(
      variables.map(({ name }) => name).filter((name) => name.includes("PASSWORD")),
      ["HOUSTON_REGISTRY_PASSWORD_ONE", "HOUSTON_REGISTRY_PASSWORD_TWO"],
    );
    const repository = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/airflow";
    const { warnings } = await setup({ ...GOOD, repository }, { env: {} });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["REGISTRY_DENIED"],
    );
  });

  test("leaves the process as it is", async () => {
    const footprint = () => [process.exitCode, { ...process.env }, process.eventNames().map(String)];
    const before = footprint();
    await setup(GOOD);
    await rejection({});
    assert.deepEqual(footprint(), before);
  });
});
