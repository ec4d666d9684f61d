/**
 * What the embedded Houston holds: its Deployments, every change that it accepted, and those of a rival pipeline.
 * Rights and input are judged before anything gets here; this file never refuses a change.
 */

const RIVAL_IMAGE = "registry.example.com/rival/airflow:9.9.9";

/**
 * @typedef {object} Deployment
 * @property {string} id
 * @property {string} releaseName
 * @property {string} workspace the workspace's id
 * @property {string | null} image
 * @property {string | null} runtimeVersion
 * @property {string | null} airflowVersion
 * @property {unknown} dockerconfigjson the pull secret that was handed over last, or null
 * @property {string} status
 * @property {{ type: string, url: string }[]} urls
 * @property {string} createdAt
 * @property {string} updatedAt another one after every change
 * @property {number} revision counts the changes
 */

/** The default platform's Deployments. */
export const DEFAULT_DEPLOYMENTS = ["analytics-dev", "analytics-prod"].map((releaseName) => ({
  releaseName,
  workspace: "clworkspace0001",
  runtimeVersion: "11.3.0",
  image: "registry.example.com/acme/airflow:1.0.0",
}));

export class Deployments {
  /** @type {Map<string, Deployment>} by release name */
  live = new Map();
  /** @type {object[]} every change that Houston accepted from a request, in order */
  applied = [];
  /** @type {object[]} every change by a rival; numbered together with those above */
  rivals = [];
  /** @type {Deployment[]} what an `upsertDeployment` created */
  created = [];

  #origin;
  #changed;
  #order = 0;
  #lastChange = Date.parse("2026-01-01T00:00:00.000Z");

  /**
   * @param {string} origin where the Airflow addresses of the Deployments lead
   * @param {object[]} initial
   * @param {(deployment: Deployment) => void} [changed] is told of every Deployment that is there, and of every change
   */
  constructor(origin, initial, changed = () => {}) {
    this.#origin = origin;
    this.#changed = changed;
    for (const deployment of initial) this.#insert(deployment);
  }

  /** @param {string} id */
  byId(id) {
    return [...this.live.values()].find((deployment) => deployment.id === id);
  }

  /**
   * Lets a Deployment run another image.
   *
   * @param {Deployment} deployment
   * @param {{ image: string, runtimeVersion?: string, airflowVersion?: string, dockerconfigjson?: unknown }} change
   * @param {object} cause what else is to be remembered of the request, such as the mutation's name
   */
  apply(deployment, change, cause) {
    this.#change(deployment, change);
    const { releaseName: release, id, image, runtimeVersion, airflowVersion, dockerconfigjson, updatedAt } = deployment;
    const order = this.#nextOrder();
    this.applied.push({
      order,
      release,
      id,
      image,
      runtimeVersion,
      airflowVersion,
      dockerconfigjson,
      updatedAt,
      ...cause,
    });
    return deployment;
  }

  /**
   * Creates a Deployment, as `upsertDeployment` of platforms below 2.1 does.
   *
   * @param {object} deployment
   */
  create(deployment) {
    const releaseName = deployment.releaseName ?? `unnamed-${this.live.size + 1}`;
    const created = this.#insert({ ...deployment, releaseName });
    this.created.push(created);
    return created;
  }

  /**
   * Another pipeline changes a Deployment, out of sight of the requests.
   *
   * @param {{ release: string, image?: string, runtimeVersion?: string }} rival
   */
  moveByRival({ release, image = RIVAL_IMAGE, runtimeVersion }) {
    const deployment = this.live.get(release);
    if (!deployment) throw new Error(`a rival cannot change "${release}": there is no such Deployment`);
    const { airflowVersion } = deployment;
    const version = runtimeVersion ?? deployment.runtimeVersion;
    this.#change(deployment, { image, ...(version ? { runtimeVersion: version } : { airflowVersion }) });
    this.rivals.push({ order: this.#nextOrder(), release, image, updatedAt: deployment.updatedAt });
  }

  #change(deployment, { image, runtimeVersion = null, airflowVersion = null, dockerconfigjson }) {
    Object.assign(deployment, { image, runtimeVersion, airflowVersion });
    if (dockerconfigjson !== undefined) deployment.dockerconfigjson = dockerconfigjson;
    deployment.updatedAt = this.#nextTime();
    deployment.revision += 1;
    this.#changed(deployment);
  }

  #insert({ releaseName, workspace = "clworkspace0001", image = null, runtimeVersion, airflowVersion, urls }) {
    const createdAt = this.#nextTime();
    const deployment = {
      id: `cldeployment${String(this.live.size + 1).padStart(4, "0")}`,
      releaseName,
      workspace,
      image,
      runtimeVersion: runtimeVersion ?? null,
      airflowVersion: airflowVersion ?? null,
      dockerconfigjson: null,
      status: "HEALTHY",
      urls: urls ?? [{ type: "airflow", url: `${this.#origin}/${releaseName}/airflow` }],
      createdAt,
      updatedAt: createdAt,
      revision: 0,
    };
    this.live.set(releaseName, deployment);
    this.#changed(deployment);
    return deployment;
  }

  #nextOrder() {
    this.#order += 1;
    return this.#order;
  }

  /** Two changes within one millisecond must not look like one, so the clock never stands still here. */
  #nextTime() {
    this.#lastChange = Math.max(Date.now(), this.#lastChange + 1);
    return new Date(this.#lastChange).toISOString();
  }
}
