/**
 * What the tests of the look-up share: a deploy of an image that lies in a registry, and what is compared of it. What is
 * right is the tests' to say.
 */

import { PASSWORD } from "./run.mjs";

/** A user of the registries; robots of Harbor have such names. */
export const USER_NAME = "robot$acme+ci";
export const ROBOT = { name: USER_NAME, password: PASSWORD };

export const REPOSITORY = "acme/airflow";

/** The version is left to the image. */
export const NO_VERSION = { "runtime-version": undefined };

/**
 * Deploys an image of a registry to a platform of its own, once and without sending anything again.
 *
 * @param {import("./run.mjs").Stage} stage
 * @param {{ host: string }} registry
 * @param {Record<string, unknown>} [options] those of `deploy`, and `tag` (1.4.2 if left out), `version` (the
 *   platform's)
 * @param {object} [how] as for `Stage.deploy`
 */
export async function lookUp(stage, registry, { tag = "1.4.2", version, ...options } = {}, how = {}) {
  const houston = await stage.houston({ version });
  const image = `${registry.host}/${REPOSITORY}:${tag}`;
  const run = await stage.deploy(houston, { image, preflight: "require", attempts: 1, ...options }, how);
  const { report } = run;
  return {
    ...run,
    houston,
    image,
    facts: {
      code: run.code,
      error: (report?.error ?? report?.results[0]?.error)?.code,
      warnings: report?.warnings.map(({ code }) => code),
      // What Houston was told to change, whatever became of it.
      sent: houston.requests.filter(({ operation }) => operation === "mutation").length,
    },
  };
}

/** The image was looked up, and deployed. */
export const DEPLOYED = { code: 0, error: undefined, warnings: [], sent: 1 };

/** The look-up could not be done or was not definite, which is said, and the deploy went on. */
export const warned = (code) => ({ ...DEPLOYED, warnings: [code] });

/** Nothing was sent, for this reason. */
export const refused = (error, code = 3) => ({ code, error, warnings: [], sent: 0 });

/** What a registry was asked, in order: `head`, `manifest`, `blob`, `token`, … */
export const asked = ({ requests }) => requests.map(({ kind }) => kind);

/** The options that carry the robot's credentials; the password comes by the environment. */
export const AS_ROBOT = [{ "registry-username": USER_NAME }, { env: { HOUSTON_REGISTRY_PASSWORD: ROBOT.password } }];
