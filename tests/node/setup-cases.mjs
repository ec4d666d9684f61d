/**
 * The cases of `setup`, and what its Helm values are to be in each, written down once more from the platform's
 * documentation and not from the program.
 */

import assert from "node:assert/strict";

const HOST = "registry.example.com/acme/airflow";
const AIRFLOW = "mirror.example.com:5000/airflow";
const NAMES = { secretName: "pull", registryUsername: "robot$acme" };

/** The four cases of what a platform can need, as a script gives them. */
export const CASES = {
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
export const each = (body) => {
  for (const [name, options] of Object.entries(CASES)) {
    for (const platformVersion of VERSIONS) body(`${name}, ${platformVersion}`, { ...options, platformVersion });
  }
};

export const flags = (options) =>
  Object.entries(options).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  );

export const printed = async (stage, options, format, how) => {
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
export function merged(below, above) {
  if (!isMap(below) || !isMap(above)) return above;
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) result[key] = key in below ? merged(below[key], value) : value;
  return result;
}

export function assertValues(tree, options) {
  const found = leaves(tree);
  for (const [path, value] of Object.entries(wanted(options))) assert.equal(found[CONFIG + path], value, path);
  const known = Object.values(wanted(options)).filter((value) => value !== undefined);
  assert.equal(Object.keys(found).length, known.length, "and nothing else");
}
