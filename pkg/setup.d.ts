// The types of `setup`. What an option means, its default and its limits are the command line's.

import type { Warning } from "./index.js";

/**
 * What the platform is to be prepared for. What is left out, or undefined, may come from the environment
 * (`HOUSTON_SECRET_NAME` for `secretName`), and then from the default.
 */
export interface SetupOptions {
  /** Whether the platform reaches other registries (`standard`) or takes its own images from this one as well. */
  mode?: "standard" | "airgapped" | undefined;
  /**
   * Where the images are: `<registry>/<repository>[/<sub>]`. With `perDeployment` only where `mode` is `airgapped`, for
   * the platform's own Airflow image.
   */
  repository?: string | undefined;
  /** Whether each Deployment has a registry of its own; `release` then names them. Default: `false`. */
  perDeployment?: boolean | undefined;
  /** The release names of those Deployments: as an array, or between commas, spaces or newlines. */
  release?: string | readonly string[] | undefined;
  /** The name of the pull secret. */
  secretName?: string | undefined;
  /** The platform's namespace. Default: `astronomer`. */
  namespace?: string | undefined;
  /** The platform's Helm release. Default: `astronomer`. */
  platformRelease?: string | undefined;
  /** The platform's version, which decides the names of the Helm keys. */
  platformVersion?: string | undefined;
  /** The registry's user, if that is not to be read where the commands run. */
  registryUsername?: string | undefined;
  /** An e-mail address for the secret. */
  registryEmail?: string | undefined;
  /** A file with today's values (`helm get values`), in which what is wrong is found. */
  valuesFile?: string | undefined;
}

/** What the platform needs once. */
export interface Setup {
  /** The version of this form. Within 1, fields are added, never changed or dropped. */
  schema: 1;
  /** Nothing was done yet. */
  status: "planned";
  error: null;
  mode: "standard" | "airgapped";
  perDeployment: boolean;
  platformVersion: string;
  /** The Helm values, an overlay over today's. */
  values: { astronomer: { houston: { config: { [key: string]: unknown } } } };
  /** The environment variables that the commands read. */
  variables: { name: string; meaning: string }[];
  /** What is to be done, in this order. */
  steps: SetupStep[];
  /** `values` as YAML. */
  yaml: string;
  /** All steps as a POSIX shell script, which stops at the first failure and can be run again. */
  shell: string;
  /** What was found in `valuesFile`, and the printed values set right. */
  findings: Finding[];
  /** What else should be known. */
  warnings: Warning[];
}

/** One thing to be done. */
export interface SetupStep {
  name: "secret" | "annotate" | "values" | "apply" | "sync";
  title: string;
  /** What for. */
  why: string;
  /** Lines for a POSIX shell; those of a later step rely on an earlier one. */
  commands: string;
}

/** One thing that was found in today's values. */
export interface Finding {
  /** An error stays wrong until somebody changes today's values; a warning is set right by the printed ones. */
  level: "error" | "warning";
  /** The line, counted from 1. */
  line: number;
  /** The keys on the way to it, between dots; empty where the file is no YAML. */
  path: string;
  message: string;
  /** The correct place, or what else to do. */
  hint: string;
}
