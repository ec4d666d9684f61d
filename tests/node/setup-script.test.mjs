/**
 * The scripts that `setup` prints, by shellcheck and by running them, twice and with every failure, against stubs of
 * kubectl and helm.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe } from "node:test";
import { setup } from "houston-deploy";
import { parse, stringify } from "yaml";
import { Cluster, located, SHELLS, SKIP_WITHOUT_SH } from "./cluster.mjs";
import { assertNoSecret, PASSWORD, staged } from "./run.mjs";
import { assertValues, CASES, each, merged, printed } from "./setup-cases.mjs";

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
