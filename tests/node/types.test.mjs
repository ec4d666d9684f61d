/**
 * The types of the library, by the compiler: good use compiles in the strictest setting, wrong use does not, and they
 * name the options and codes that there are.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.mjs";

const SAMPLE = `
import {
  check, type Check, type Code, DeployError, type DeployEvent, type DeployOptions, deploy, type Finding, type Report, type Setup,
  type SetupOptions, setup,
} from "houston-deploy";

const required: DeployOptions = { baseDomain: "astro.example.com", release: "analytics-dev", image: "a/b:1" };
const everything: DeployOptions = {
  ...required,
  houstonUrl: undefined, token: process.env["TOKEN"], tokenFile: "t", release: ["one", "two"], releaseFile: "r",
  airflowVersion: "2.9.1", runtimeVersion: "11.3.0", workspace: "w", platform: "linux/arm64", dockerconfigjsonFile: "d",
  platformVersion: "1.0.0", preflight: "off", registryUsername: "u", registryPassword: "p", wait: "require",
  timeout: "10m", requestTimeout: "500ms", pollInterval: "5s", stableFor: "1h", unchangedOk: true, attempts: 4,
  concurrency: 8, shard: "2/5", caCert: "c", dryRun: false, pin: true, failFast: true, reportFile: "r",
  summaryFile: "s", junitFile: "j", dotenvFile: "e", annotationsFile: "a",
};
const names: readonly string[] = ["one"];
const controller = new AbortController();

export async function good(): Promise<string | null> {
  await deploy({ ...everything, release: names, shard: "auto" });
  const onEvent = (event: DeployEvent): void => {
    const about: string | null = event.release;
    if (event.type === "warning") console.log(about, event.warning?.code, event.milliseconds.toFixed());
  };
  try {
    const report: Report = await deploy(required, { signal: controller.signal, onEvent, env: process.env });
    const schema: 1 = report.schema;
    const [first] = report.results;
    const sends: { attempt: number; requestId: string }[] = first?.mayHaveArrived ?? [];
    const header: string | undefined = first?.requests?.[0]?.headers["x-request-id"];
    const proof: "accepted" | "read" | "healthy" | "restarted" | null | undefined = first?.proof;
    console.log(schema, sends, header, proof, first?.before?.updatedAt, report.image?.digest, report.houston?.version);
    return report.warnings[0]?.hint ?? null;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const code: Code = error.code;
    const exit: number = error.exitCode;
    console.log(code, exit, error.name === "DeployError", error.report?.error?.problems?.[0]?.option);
    return error.hint;
  }
}

export async function looked(): Promise<string[]> {
  const report: Report = await check({ ...required, workspace: "w" }, { signal: controller.signal });
  const of: Check[] = [...(report.checks ?? []), ...(report.results[0]?.checks ?? [])];
  return of.filter((one) => one.verdict === "bad").map((one) => one.code ?? one.hint ?? one.what);
}

const needed: SetupOptions = { mode: "standard", repository: "a/b", secretName: "s", platformVersion: "1.0.0" };
const all: SetupOptions = {
  ...needed, mode: "airgapped", perDeployment: true, release: names, namespace: "n", platformRelease: "p",
  registryUsername: process.env["USER"], registryEmail: "a@b", valuesFile: undefined,
};

export async function platform(): Promise<string> {
  const plan: Setup = await setup(needed);
  const { shell, yaml, steps } = await setup(all, { env: process.env });
  const found: Finding | undefined = plan.findings[0];
  const level: "error" | "warning" | undefined = found?.level;
  const endpoint: unknown = plan.values.astronomer.houston.config["deployments"];
  console.log(shell, yaml, level, found?.line.toFixed(), endpoint, plan.variables[0]?.name, plan.warnings[0]?.code);
  try {
    await setup(all);
  } catch (error) {
    if (error instanceof DeployError) console.log(error.report?.findings?.[0]?.path);
  }
  return steps.map((step) => step.commands).join("");
}

export function wrong(): void {
  // @ts-expect-error another word
  setup({ ...needed, mode: "offline" });
  // @ts-expect-error an option of the command line alone
  setup({ ...needed, format: "shell" });
  // @ts-expect-error the password is no option
  setup({ ...needed, registryPassword: "p" });
  // @ts-expect-error it cannot be cancelled, since it sends nothing
  setup(needed, { signal: controller.signal });
  // @ts-expect-error a misspelt option
  deploy({ ...required, relese: "x" });
  // @ts-expect-error the command line's spelling
  deploy({ ...required, "runtime-version": "x" });
  // @ts-expect-error an option of the command line alone
  deploy({ ...required, output: "json" });
  // @ts-expect-error options are needed
  deploy();
  // @ts-expect-error no number of seconds
  deploy({ ...required, timeout: 30 });
  // @ts-expect-error a duration without its unit
  deploy({ ...required, timeout: "30" });
  // @ts-expect-error another word
  deploy({ ...required, wait: "on" });
  // @ts-expect-error a boolean is one
  deploy({ ...required, pin: "true" });
  // @ts-expect-error a list of something else
  deploy({ ...required, release: [1] });
  // @ts-expect-error another shape
  deploy({ ...required, shard: "half" });
  // @ts-expect-error a check is no way to deploy something else
  check({ ...required, command: "deploy" });
  // @ts-expect-error what is no signal
  deploy(required, { signal: "SIGINT" });
  // @ts-expect-error a listener of something else
  deploy(required, { onEvent: (event: number) => event });
  // @ts-expect-error not to be made by others
  new DeployError();
  // @ts-expect-error the promise has to be awaited
  deploy(required).results;
  // @ts-expect-error a code that there is not
  const code: Code = "NO_SUCH_CODE";
  console.log(code);
}
`;

test("good use compiles and wrong use does not", { timeout: 60_000 }, () => {
  assert.equal(compile(SAMPLE), "");
});

test("for a bundler as well", { timeout: 60_000 }, () => {
  assert.equal(compile(SAMPLE, { module: "preserve", moduleResolution: "bundler" }), "");
});

test("a wrong line would be found", { timeout: 60_000 }, () => {
  const wrong = SAMPLE.replace("const exit: number", "const exit: string").replace("relese", "release");
  const errors = compile(wrong).match(/error TS\d+/g);
  assert.deepEqual(errors, ["error TS2322", "error TS2578"]);
});
