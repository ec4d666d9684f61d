/**
 * `setup` from outside: what the command line prints and what the library gives, the Helm values by a YAML parser of
 * others, and the scripts by shellcheck and by running them, twice, against stubs of kubectl and helm.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DeployError, setup } from "houston-deploy";
import { parse, stringify } from "yaml";
import { Cluster, located, SHELLS, SKIP_WITHOUT_SH } from "./cluster.mjs";
import { assertNoSecret, PASSWORD, ROOT, staged, TOKEN } from "./run.mjs";

const HOST = "registry.example.com/acme/airflow";
const AIRFLOW = "mirror.example.com:5000/airflow";
const NAMES = { secretName: "pull", registryUsername: "robot$acme" };

/** The four cases of what a platform can need, as a script gives them. */
const CASES = {
  "standard, one registry": { mode: "standard", repository: HOST, ...NAMES },
  "air-gapped, one registry": { mode: "airgapped", repository: HOST, ...NAMES },
  "standard, a registry for each": { mode: "standard", perDeployment: true, release: "analytics-dev etl-1", ...NAMES },
  "air-gapped, a registry for each": {
    mode: "airgapped",
    perDeployment: true,
    release: "analytics-dev etl-1",
    repository: AIRFLOW,
    ...NAMES,
  },
};

const VERSIONS = ["0.34.1", "1.0.1", "2.0.0", "2.1.0"];

/** Every case on every version. */
const each = (body) => {
  for (const [name, options] of Object.entries(CASES)) {
    for (const platformVersion of VERSIONS) body(`${name}, ${platformVersion}`, { ...options, platformVersion });
  }
};

const flags = (options) =>
  Object.entries(options).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  );

const printed = async (stage, options, format, how) => {
  const { code, stdout, stderr } = await stage.cli(["setup", ...flags(options), `--format=${format}`], how);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
};

const CONFIG = "astronomer.houston.config.";

/** Every key path of the platform's documentation with what belongs there in a case; undefined for one that does not. */
function wanted({ mode, repository, perDeployment, secretName, platformVersion }) {
  const below2 = Number(platformVersion.split(".")[0]) < 2;
  const airgapped = mode === "airgapped" || undefined;
  const host = perDeployment ? undefined : repository;
  const registry = "registry.protectedCustomRegistry";
  return {
    "deployments.enableUpdateDeploymentImageEndpoint": below2 ? true : undefined,
    "deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled": below2 ? undefined : true,
    "deployments.helm.airflow.defaultAirflowRepository": airgapped && repository,
    "deployments.helm.airflow.images.airflow.repository": airgapped && repository,
    [`${registry}.enabled`]: true,
    [`${registry}.baseRegistry.enabled`]: airgapped,
    [`${registry}.baseRegistry.host`]: airgapped && host,
    [`${registry}.baseRegistry.secretName`]: airgapped && secretName,
    [`${registry}.updateRegistry.enabled`]: true,
    [`${registry}.updateRegistry.host`]: host,
    [`${registry}.updateRegistry.secretName`]: secretName,
  };
}

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The leaves of a tree by their paths. */
function leaves(tree, path = "") {
  if (!isMap(tree)) return { [path]: tree };
  return Object.assign({}, ...Object.entries(tree).map(([key, value]) => leaves(value, path ? `${path}.${key}` : key)));
}

/** As Helm lays one file of values over another. */
function merged(below, above) {
  if (!isMap(below) || !isMap(above)) return above;
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) result[key] = key in below ? merged(below[key], value) : value;
  return result;
}

function assertValues(tree, options) {
  const found = leaves(tree);
  for (const [path, value] of Object.entries(wanted(options))) assert.equal(found[CONFIG + path], value, path);
  const known = Object.values(wanted(options)).filter((value) => value !== undefined);
  assert.equal(Object.keys(found).length, known.length, "and nothing else");
}

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

const SHELLCHECK = located("shellcheck");

/** The variables that a script of a case reads. */
const variablesOf = ({ perDeployment }) =>
  perDeployment
    ? {
        HOUSTON_REGISTRY_HOST_ANALYTICS_DEV: "one.example.com",
        HOUSTON_REGISTRY_PASSWORD_ANALYTICS_DEV: PASSWORD,
        HOUSTON_REGISTRY_HOST_ETL_1: "two.example.com:5000",
        HOUSTON_REGISTRY_PASSWORD_ETL_1: `${PASSWORD}2`,
        HOUSTON_NAMESPACE_ETL_1: "etl",
      }
    : { HOUSTON_REGISTRY_PASSWORD: PASSWORD };

/** What each secret that was applied holds: namespace, name, registry, user and password. */
const secretsOf = (calls) =>
  calls
    .filter(({ program, args }) => program === "kubectl" && args[0] === "apply")
    .map(({ args, stdin }) => {
      const { apiVersion, kind, type, metadata, data } = parse(stdin);
      assert.deepEqual([apiVersion, kind, type], ["v1", "Secret", "kubernetes.io/dockerconfigjson"]);
      const { auths } = JSON.parse(Buffer.from(data[".dockerconfigjson"], "base64"));
      const [[registry, { auth, ...others }]] = Object.entries(auths);
      const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, "base64"));
      return {
        namespace: args[args.indexOf("--namespace") + 1],
        name: metadata.name,
        registry,
        user,
        password,
        others,
      };
    });

/** Nobody but the shell and the cluster may see the password. */
function assertHidden({ calls, stdout, stderr, values }) {
  for (const { program, args, environment } of calls) {
    assertNoSecret(args.join("\n"), `the arguments of ${program}`);
    if (program === "helm" && args[0] !== "list") assertNoSecret(environment, "the environment of helm");
  }
  assertNoSecret(stdout + stderr + values.join("\n"), "the output");
}

const lineOf = ({ program, args }) => [program, ...args].join(" ").replace(/\/\S*\/tmp\.?\w*\//g, "");
const changesOf = (calls) => calls.filter(({ program }) => ["kubectl", "helm"].includes(program)).map(lineOf);

/** A test with a cluster of its own. */
const clustered = (name, body, options) =>
  staged(
    name,
    async (stage) => {
      const cluster = new Cluster(options);
      try {
        await body(stage, cluster);
      } finally {
        cluster.close();
      }
    },
    { skip: SKIP_WITHOUT_SH },
  );

describe("the script", () => {
  staged(
    "is to shellcheck's and dash's liking, for every case and version",
    async (stage) => {
      const scripts = [];
      each((_, options) => {
        scripts.push(options, {
          ...options,
          registryUsername: "it's $(me) `x` \\ *",
          registryEmail: "o'x@example.com",
        });
      });
      for (const options of scripts) {
        const text = await printed(stage, options, "shell");
        const { stdout, status } = spawnSync(
          SHELLCHECK,
          ["--shell=sh", "--enable=all", "--exclude=SC2250,SC2310,SC2312", "-"],
          {
            input: text,
            encoding: "utf8",
          },
        );
        assert.deepEqual([stdout, status], ["", 0]);
        for (const shell of SHELLS) {
          const checked = spawnSync(located(shell), ["-n"], { input: text, encoding: "utf8" });
          assert.deepEqual([checked.stderr, checked.status], ["", 0], shell);
        }
      }
    },
    { skip: SKIP_WITHOUT_SH || (SHELLCHECK ? false : "shellcheck is not installed") },
  );

  for (const [name, options] of Object.entries(CASES)) {
    clustered(`${name}: runs, and runs again to the same end`, async (stage, cluster) => {
      const given = { ...options, platformVersion: "2.1.0" };
      const text = await printed(stage, given, "shell");
      cluster.releases = '[{"name":"astronomer","status":"deployed","chart":"astronomer-2.1.0","app_version":"2.1.0"}]';
      for (const shell of SHELLS) {
        const ran = [1, 2].map(() => cluster.run(text, { shell, env: variablesOf(given) }));
        for (const one of ran) {
          assert.deepEqual([one.code, one.stderr], [0, ""], shell);
          assert.match(one.stdout, /^1\/[35] Create the pull secret/);
          assert.match(one.stdout, /\ndone\n$/);
          assert.deepEqual(one.left, []);
          assertHidden(one);
          assertValues(parse(one.values[1]), given);
          // What Helm makes of it keeps what was there.
          const whole = merged(parse(one.values[0]), parse(one.values[1]));
          assert.equal(whole.global.baseDomain, "example.com");
        }
        assert.deepEqual(changesOf(ran[1].calls), changesOf(ran[0].calls));
        const common = { name: "pull", user: "robot$acme", others: {} };
        const expected = options.perDeployment
          ? [
              { namespace: "astronomer-analytics-dev", registry: "one.example.com", password: PASSWORD, ...common },
              { namespace: "etl", registry: "two.example.com:5000", password: `${PASSWORD}2`, ...common },
            ]
          : [{ namespace: "astronomer", registry: "registry.example.com", password: PASSWORD, ...common }];
        assert.deepEqual(secretsOf(ran[0].calls), expected);
        cluster.today = stringify(merged(parse(ran[0].values[0]), parse(ran[0].values[1])));
      }
    });
  }

  clustered("does its steps in order, with one registry", async (stage, cluster) => {
    const options = { ...CASES["standard, one registry"], registryEmail: "o'x@example.com", platformVersion: "1.0.1" };
    const ran = cluster.run(await printed(stage, options, "shell"), { env: variablesOf(options) });
    assert.deepEqual(changesOf(ran.calls), [
      "helm list --namespace astronomer --filter ^astronomer$ --output json",
      "kubectl apply --server-side --force-conflicts --namespace astronomer --filename -",
      "kubectl annotate secret pull --namespace astronomer --overwrite astronomer.io/commander-sync=platform=astronomer",
      "helm get values astronomer --namespace astronomer --output yaml",
      "helm upgrade astronomer astronomer/astronomer --namespace astronomer --version 1.0.1 --values today.yaml " +
        "--values overlay.yaml --set astronomer.houston.upgradeDeployments.enabled=false",
      "kubectl delete job houston-deploy-config-sync --namespace astronomer --ignore-not-found",
      "kubectl create job houston-deploy-config-sync --namespace astronomer --from=cronjob/astronomer-config-syncer",
      "kubectl wait job/houston-deploy-config-sync --namespace astronomer --for=condition=complete --timeout=10m",
    ]);
    assert.deepEqual(secretsOf(ran.calls)[0].others, { email: "o'x@example.com" });
  });

  clustered("does no more than is needed where each Deployment has its registry", async (stage, cluster) => {
    const options = { ...CASES["standard, a registry for each"], platformVersion: "1.0.1" };
    const text = await printed(stage, options, "shell");
    const ran = cluster.run(text, { env: variablesOf(options) });
    const verbs = changesOf(ran.calls).map((line) => line.split(" ").slice(0, 2).join(" "));
    assert.deepEqual(verbs, ["helm list", "kubectl apply", "kubectl apply", "helm get", "helm upgrade"]);
    const amazon = { HOUSTON_REGISTRY_HOST_ETL_1: "1.dkr.ecr.eu-west-1.amazonaws.com" };
    const warned = cluster.run(text, { env: { ...variablesOf(options), ...amazon } });
    assert.deepEqual(
      [warned.code, warned.stderr],
      [0, "warning: passwords of 1.dkr.ecr.eu-west-1.amazonaws.com last 12 hours\n"],
    );
    const quote = { HOUSTON_REGISTRY_HOST_ANALYTICS_DEV: 'x","y' };
    const stopped = cluster.run(text, { env: { ...variablesOf(options), ...quote } });
    assert.deepEqual([stopped.code, stopped.stderr], [1, 'error: "x","y" is no registry\n']);
    assert.ok(!changesOf(stopped.calls).some((line) => !line.startsWith("helm list")), "nothing was changed");
  });

  clustered("stops at the first failure, whichever it is", async (stage, cluster) => {
    const options = { ...CASES["standard, one registry"], platformVersion: "1.0.1" };
    const text = await printed(stage, options, "shell");
    const all = changesOf(cluster.run(text, { env: variablesOf(options) }).calls);
    for (const line of all) {
      const failing = line.split(" ").slice(0, 2).join(" ");
      const ran = cluster.run(text, { env: variablesOf(options), failing });
      assert.deepEqual([ran.code, ran.stderr], [7, `${failing} was told to fail\n`]);
      assert.deepEqual(changesOf(ran.calls), all.slice(0, all.indexOf(line) + 1));
      assert.deepEqual(ran.left, []);
      assert.doesNotMatch(ran.stdout, /^done$/m);
      assertHidden(ran);
    }
  });

  clustered("starts nothing where something that it needs is not there", async (stage, cluster) => {
    const options = { ...CASES["standard, one registry"], platformVersion: "1.0.1" };
    delete options.registryUsername;
    const text = await printed(stage, options, "shell");
    const nothing = (ran, message) => {
      assert.notEqual(ran.code, 0);
      assert.match(ran.stderr, message);
      assert.ok(!changesOf(ran.calls).some((line) => !line.startsWith("helm list")), "nothing was changed");
    };
    nothing(
      cluster.run(text, { env: { HOUSTON_REGISTRY_USERNAME: "robot" } }),
      /HOUSTON_REGISTRY_PASSWORD: set it to the/,
    );
    nothing(
      cluster.run(text, { env: { HOUSTON_REGISTRY_PASSWORD: PASSWORD } }),
      /HOUSTON_REGISTRY_USERNAME: set it to the/,
    );
    const env = { HOUSTON_REGISTRY_USERNAME: "robot", ...variablesOf(options) };
    cluster.releases = '[{"name":"astronomer","chart":"astronomer-0.37.0"}]';
    nothing(cluster.run(text, { env }), /error: the release astronomer is of another chart than astronomer-1\.0\.1/);
    cluster.releases = "[]";
    const bare = new Cluster({ without: ["helm"] });
    try {
      nothing(bare.run(text, { env }), /error: helm is not installed/);
    } finally {
      bare.close();
    }
    assert.equal(cluster.run(text, { env }).code, 0);
  });

  clustered("shows no password to those who trace it", async (stage, cluster) => {
    const options = { ...CASES["air-gapped, one registry"], platformVersion: "1.0.1" };
    const text = await printed(stage, options, "shell");
    for (const shell of SHELLS) {
      const ran = cluster.run(text, { shell, options: ["-x"], env: variablesOf(options) });
      assert.equal(ran.code, 0);
      assertHidden(ran);
    }
  });

  clustered("the steps of the text are those of the script", async (stage, cluster) => {
    for (const options of Object.values(CASES)) {
      const given = { ...options, platformVersion: "1.0.1" };
      const { steps, shell } = await setup(given, { env: {} });
      const text = await printed(stage, given, "text");
      for (const { commands } of steps) assert.ok(text.includes(commands), commands);
      const pasted = cluster.run(`set -eu\n${steps.map(({ commands }) => commands).join("\n")}`, {
        env: variablesOf(given),
      });
      const whole = cluster.run(shell, { env: variablesOf(given) });
      assert.deepEqual(changesOf(pasted.calls), changesOf(whole.calls).slice(1));
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

  staged("nothing but this command loads its module", async (stage) => {
    const folder = mkdtempSync(join(tmpdir(), "houston-deploy-without-"));
    try {
      cpSync(join(ROOT, "pkg"), join(folder, "pkg"), { recursive: true });
      cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
      const run = (...words) =>
        spawnSync(process.execPath, [join(folder, "pkg/cli.js"), ...words], {
          encoding: "utf8",
          env: {},
          timeout: 10_000,
        });
      assert.equal(run("setup", "--help").status, 0);
      for (const name of ["setup.js", "wasm/houston_setup.js", "wasm/houston_setup_bg.wasm"])
        rmSync(join(folder, "pkg", name));
      assert.deepEqual([run("--version").status, run("deploy").status], [0, 2]);
      const lost = run("setup");
      assert.equal(lost.status, 1);
      assert.match(lost.stderr, /^error\[INTERNAL\]/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    assert.equal(stage.folder.length > 0, true);
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
