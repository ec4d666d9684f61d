// The types of the library. What an option means, its default and its limits are the command line's.

import type { Finding, Setup, SetupOptions } from "./setup.js";

export type { Finding, Setup, SetupOptions, SetupStep } from "./setup.js";

/** What `auto`, `require` and `off` are for: do it where it can be done, insist on it, or leave it. */
export type Switch = "auto" | "require" | "off";

/** A whole number and its unit, such as `"90s"`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/**
 * What is to be deployed, where, and how. What is left out, or undefined, may come from the environment
 * (`HOUSTON_RUNTIME_VERSION` for `runtimeVersion`), and then from the default.
 */
export interface DeployOptions {
  /** The platform's base domain; Houston is then `https://houston.<base-domain>/v1`. */
  baseDomain?: string | undefined;
  /** Houston's whole URL instead of `baseDomain`; `http://` for a loopback host only. */
  houstonUrl?: string | undefined;
  /** The token for Houston. `HOUSTON_TOKEN` and `ASTRONOMER_KEY_SECRET` are read as well. */
  token?: string | undefined;
  /** A file with the token, instead of `token`. */
  tokenFile?: string | undefined;
  /** Release name of the Deployment, or several: as an array, or between commas, spaces or newlines. */
  release?: string | readonly string[] | undefined;
  /** A file with one release name a line; `#` starts a comment. */
  releaseFile?: string | undefined;
  /** The image: `<host>/<name>:<tag>`, `<host>/<name>@<digest>`, or with both tag and digest. */
  image?: string | undefined;
  /** The image's Airflow version (Astronomer Certified images). At most one of the two; neither: its labels tell. */
  airflowVersion?: string | undefined;
  /** The image's Runtime version (Astro Runtime images). At most one of the two; neither: its labels tell. */
  runtimeVersion?: string | undefined;
  /** Workspace id; lets the Deployment be read before anything is sent. */
  workspace?: string | undefined;
  /** What the cluster runs. Default: `linux/amd64`. */
  platform?: string | undefined;
  /** A file with the pull secret for this Deployment's own registry, which is handed to Houston. */
  dockerconfigjsonFile?: string | undefined;
  /** The platform's version, where Houston is not to be asked for it. */
  platformVersion?: string | undefined;
  /** Whether to look the image up in its registry first. Default: `auto`. */
  preflight?: Switch | undefined;
  /** User for the look-up in the registry. Default: what docker's config file has. */
  registryUsername?: string | undefined;
  /** Password for the look-up in the registry. Default: what docker's config file has. */
  registryPassword?: string | undefined;
  /** Whether to watch the Deployment come up once Houston said yes. Default: `auto`. */
  wait?: Switch | undefined;
  /** How long the whole of one release may take. Default: `10m`. */
  timeout?: Duration | undefined;
  /** How long one request may take. Default: `30s`. */
  requestTimeout?: Duration | undefined;
  /** Time between two looks while waiting; `100ms` or more. Default: `5s`. */
  pollInterval?: Duration | undefined;
  /** How long the Deployment must stay healthy before it counts. Default: `60s`. */
  stableFor?: Duration | undefined;
  /** Whether the Deployment may run this image already, so that nothing restarts. Default: `false`. */
  unchangedOk?: boolean | undefined;
  /** How often one request is sent at most, from 1 to 20. Default: 4. */
  attempts?: number | undefined;
  /** How many releases are worked on at once until Houston's answer, from 1 to 256. Default: 4. */
  concurrency?: number | undefined;
  /** This job's part of the list of releases: `"2/5"`, or `"auto"` in GitLab. Default: the whole list. */
  shard?: "auto" | `${number}/${number}` | undefined;
  /**
   * A PEM file with a CA to trust. A library leaves its process as it is, so this is refused with a hint: set
   * `NODE_EXTRA_CA_CERTS` before Node starts.
   */
  caCert?: string | undefined;
  /** Whether to make up the requests, as `requests` in the report, and change nothing. Default: `false`. */
  dryRun?: boolean | undefined;
  /** Whether to send Houston the digest instead of the tag. Default: `false`. */
  pin?: boolean | undefined;
  /** Whether to start no further release after one has failed. Default: `false`. */
  failFast?: boolean | undefined;
  /** Where to write the report (JSON). */
  reportFile?: string | undefined;
  /** Where to write a summary (Markdown). */
  summaryFile?: string | undefined;
  /** Where to write JUnit XML. */
  junitFile?: string | undefined;
  /** Where to write GitLab's dotenv report. */
  dotenvFile?: string | undefined;
  /** Where to write GitLab's annotations report. */
  annotationsFile?: string | undefined;
}

/** How `deploy` is tied to the script that calls it. */
export interface Surroundings {
  /** Cancels the deploy: nothing more is sent, and what was sent gets three seconds to be answered. */
  signal?: AbortSignal | undefined;
  /**
   * Is told what goes on, and not waited for. Nothing that matters is said here alone. An error that it throws, or
   * that its promise is rejected with, does not stop the deploy; one that ends well is then rejected with it.
   */
  onEvent?: ((event: DeployEvent) => void) | undefined;
  /** The environment to read options from. Default: `process.env`. */
  env?: { readonly [name: string]: string | undefined } | undefined;
}

/** One thing that happened. */
export interface DeployEvent {
  /** A step, another try, something that should be known, or one request with its answer. */
  type: "progress" | "retry" | "warning" | "request";
  /** The release that it concerns, or null where it concerns all. */
  release: string | null;
  /** What happened, in one line. */
  message: string;
  /** Milliseconds since the start. */
  milliseconds: number;
  /** The warning, where `type` is `warning`. */
  warning?: Warning;
}

/** The stable words of errors and warnings; docs/errors.md has their meaning. */
export type Code =
  | "INTERNAL"
  | "INPUT_INVALID"
  | "TOKEN_EXPIRED"
  | "IMAGE_NOT_FOUND"
  | "IMAGE_PLATFORM"
  | "VERSION_MISMATCH"
  | "VERSION_UNKNOWN"
  | "REGISTRY_DENIED"
  | "PERMISSION_DENIED"
  | "DEPLOYMENT_NOT_FOUND"
  | "ENDPOINT_DISABLED"
  | "API_MISMATCH"
  | "HOUSTON_REFUSED"
  | "REGISTRY_UNREACHABLE"
  | "REGISTRY_FAILED"
  | "HOUSTON_UNREACHABLE"
  | "TLS_UNTRUSTED"
  | "NOT_HOUSTON"
  | "HOUSTON_FAILED"
  | "RATE_LIMITED"
  | "OUTCOME_UNKNOWN"
  | "UNHEALTHY"
  | "WAIT_TIMEOUT"
  | "WAIT_IMPOSSIBLE"
  | "CANCELLED"
  | "IMAGE_MOVES";

/** How a release, or the whole run, ended; from best to worst. */
export type Status =
  | "planned"
  | "checked"
  | "deployed"
  | "skipped"
  | "refused"
  | "failed"
  | "unknown"
  | "unhealthy"
  | "cancelled";

/** What happened in a run, the same from here, `--output json` and `report-file`. */
export interface Report {
  /** The version of this form. Within 1, fields are added, never changed or dropped. */
  schema: 1;
  /** The worst status of all releases. */
  status: Status;
  /** Why the run did not end well: that of the worst release, or what is wrong with the options. */
  error: Failure | null;
  /** Houston as it was seen; null where the options were wrong. */
  houston: { url: string; version: string | null } | null;
  /** The image that was asked for; null where the options were wrong. */
  image: {
    reference: string;
    digest: string | null;
    runtimeVersion: string | null;
    airflowVersion: string | null;
  } | null;
  /** One for each release, in the order in which they were named. */
  results: ReleaseReport[];
  /** What should be known though the run went on. */
  warnings: Warning[];
  /** Of `check`: what was looked at for all releases. */
  checks?: Check[];
  /** From `setup` alone: what was found in `valuesFile`, where that is why it did not end well. */
  findings?: Finding[];
}

/** What became of one release. */
export interface ReleaseReport {
  release: string;
  status: Status;
  /** Whether the Deployment was changed by this run. */
  change: "none" | "unknown" | "confirmed";
  /** What was proven, from least to most; null for nothing. */
  proof: "accepted" | "read" | "healthy" | "restarted" | null;
  /** Whether it is proven that the Deployment came up anew; which image runs cannot be proven. */
  verified: boolean;
  deploymentId: string | null;
  airflowUrl: string | null;
  /** The Deployment before the change, where it was read. */
  before: DeploymentState | null;
  /** The Deployment after the change, as Houston showed it. */
  after: DeploymentState | null;
  /** How often the change was sent. */
  attempts: number;
  milliseconds: number;
  error: Failure | null;
  /** The sends of the change that may have arrived although no answer says so. */
  mayHaveArrived: { attempt: number; requestId: string }[];
  /** With `dryRun`: the requests that would be sent, with secrets replaced. */
  requests?: PlannedRequest[];
  /** Of `check`: what was looked at for this release. */
  checks?: Check[];
}

/** One thing that `check` looked at. */
export interface Check {
  /** What it is, such as `token`, `houston`, `image`, `version`, `listed`, `endpoint`, `deployment` or `airflow`. */
  what: string;
  /** `unknown`: it cannot be found out without changing something, or without more input. */
  verdict: "good" | "warning" | "unknown" | "bad";
  /** What was seen. */
  message: string;
  code: Code | null;
  hint: string | null;
}

/** A Deployment at one moment. */
export interface DeploymentState {
  version: string | null;
  updatedAt: string | null;
}

/** A request that a dry run did not send. */
export interface PlannedRequest {
  method: string;
  url: string;
  headers: { [name: string]: string };
  body: unknown;
}

/** Why something did not end well. */
export interface Failure {
  code: Code;
  /** What happened. */
  message: string;
  /** What to do about it. */
  hint: string | null;
  /** With `INPUT_INVALID`: each thing that is wrong. */
  problems?: Problem[];
}

/** One thing that is wrong with the options. */
export interface Problem {
  /** The option as the command line spells it, such as `runtime-version`. */
  option: string;
  code: "INPUT_INVALID" | "TOKEN_EXPIRED";
  message: string;
  hint: string | null;
}

/** Something that should be known though the run goes on. */
export interface Warning {
  code: Code;
  message: string;
  hint: string | null;
}

/** Why a deploy or a set-up did not end well. */
export class DeployError extends Error {
  private constructor();
  readonly name: "DeployError";
  readonly code: Code;
  /** What to do about it. */
  readonly hint: string | null;
  /** What the command line would have ended with. */
  readonly exitCode: number;
  /** The report; null only where the program itself failed, so that there is none. */
  readonly report: Report | null;
}

/**
 * Points one or more Deployments at an image, and watches them come up.
 *
 * The promise is of the report, and is fulfilled only if every release ended well; otherwise it is rejected with a
 * {@link DeployError}. The process is left as it is: its environment, signals, proxy and certificates.
 */
export function deploy(options: DeployOptions, surroundings?: Surroundings): Promise<Report>;

/**
 * Looks at everything that `deploy` would look at, with the same options and codes, and changes nothing. The report's
 * `checks`, and those of each result, have a line for each thing.
 *
 * @throws {DeployError} where a deploy would fail.
 */
export function check(options: DeployOptions, surroundings?: Surroundings): Promise<Report>;

/**
 * Makes up what the platform needs once, so that `deploy` can work. It sends nothing and writes no file.
 *
 * Wrong options, and errors in `valuesFile`, reject the promise with a {@link DeployError} whose exit code is 2.
 */
export function setup(options: SetupOptions, surroundings?: Pick<Surroundings, "env">): Promise<Setup>;
