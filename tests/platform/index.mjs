/**
 * The embedded platform: starts Houston and the Airflows of its Deployments behind one socket, and puts what happens
 * there on record. A registry stands beside them where that is asked for. What is no part of a platform, such as the
 * tool under test, never does.
 */

import { Airflows } from "./airflow/index.mjs";
import { deliver } from "./delivery.mjs";
import { DEFAULT_DEPLOYMENTS, Deployments } from "./deployments.mjs";
import { Faults } from "./faults.mjs";
import { RUNTIME_RELEASES, startHouston } from "./houston.mjs";
import { operationOf } from "./operation.mjs";
import { startRegistry } from "./registry.mjs";
import { listen } from "./server.mjs";
import { DEFAULT_TOKENS } from "./tokens.mjs";

export { selfSigned } from "./certificate.mjs";
export { DEFAULT_DEPLOYMENTS } from "./deployments.mjs";
export { GENERATIONS } from "./generations.mjs";
export { RUNTIME_RELEASES } from "./houston.mjs";
export { startRegistry } from "./registry.mjs";
export { DEFAULT_TOKENS, SERVICE_KEY, userToken, VIEWER_KEY } from "./tokens.mjs";

const HOUSTON_PATH = "/v1";

/**
 * @typedef {object} PlatformOptions
 * @property {string | null} [version] what `appConfig.version` says, and what decides the generation
 * @property {"0.29" | "1.0.1" | "2.1"} [generation] another generation of the schema than the version's
 * @property {boolean} [endpoint] whether the endpoint is switched on; if not, there is no `updateDeploymentImage`
 * @property {boolean} [hasUpdateDeploymentImage] for generation 2.1: whether it has `updateDeploymentImage` as well
 * @property {boolean} [hasUpsertDeployment] whether it has `upsertDeployment`
 * @property {object[]} [deployments] each with `releaseName`, `workspace`, `image` and a version, and with `airflow`
 *   where its Airflow is another than the platform's option says; `false` for none
 * @property {boolean | (import("./airflow/options.mjs").AirflowOptions & { speed?: number, now?: () => number })}
 *   [airflow] the Airflows of all Deployments, with `speed` and `now` of the clock that they share; if left out, only
 *   those Deployments have one that say so themselves
 * @property {import("./tokens.mjs").Token[]} [tokens]
 * @property {{ version: string, airflowVersion: string }[]} [runtimeReleases]
 * @property {boolean} [suggestions] whether a validation error adds what else may have been meant, as servers do
 * @property {import("./registry.mjs").RegistryOptions} [registry] starts a registry as well, which ends with it
 * @property {{ key: string, cert: string }} [tls] PEM; plain HTTP if left out
 * @property {number} [latency] milliseconds before each answer
 * @property {number} [port] 0, any free one, if left out
 */

/** @type {Required<Omit<PlatformOptions, "generation" | "tls" | "airflow" | "registry">>} */
const DEFAULTS = {
  version: "0.34.1",
  endpoint: true,
  hasUpdateDeploymentImage: false,
  hasUpsertDeployment: true,
  deployments: DEFAULT_DEPLOYMENTS,
  tokens: DEFAULT_TOKENS,
  runtimeReleases: RUNTIME_RELEASES,
  suggestions: true,
  latency: 0,
  port: 0,
};

const WITHOUT_DEFAULT = ["generation", "tls", "airflow", "registry"];

/**
 * Starts a platform on the loopback interface.
 *
 * @param {PlatformOptions & { [unknown: string]: unknown }} [options]
 */
export async function startPlatform(options = {}) {
  const unknown = Object.keys(options).filter((name) => !(name in DEFAULTS || WITHOUT_DEFAULT.includes(name)));
  if (unknown.length > 0) throw new TypeError(`a platform has no option "${unknown.join('", "')}"`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given };
  const airflows = new Airflows(settings);

  const end = new AbortController();
  const faults = new Faults();
  const requests = [];
  const underWay = new Set();
  const server = await listen(settings, (exchange) => {
    const answered = answer(exchange);
    underWay.add(answered);
    return answered.finally(() => underWay.delete(answered));
  });
  const { deployments, houston } = await furnish().catch(async (error) => {
    await server.close();
    throw error;
  });

  async function furnish() {
    const changed = (deployment) => airflows.changed(deployment);
    const deployments = new Deployments(server.origin, settings.deployments, changed);
    return { deployments, houston: await startHouston(settings, deployments) };
  }

  const registry =
    settings.registry &&
    (await startRegistry(settings.registry).catch(async (error) => {
      await server.close();
      await houston.stop();
      throw error;
    }));

  async function answer({ request, response, reset }) {
    const body = parseJson(request);
    const airflow = airflows.find(request);
    if (airflow) return answerFor(airflow, { request, body, response, reset });
    const operation = operationOf(body);
    requests.push({ ...request, body, operation });
    if (new URL(request.path, server.origin).pathname !== HOUSTON_PATH) return notFound(response);

    const fault = faults.take(operation);
    return deliver({
      response,
      reset,
      fault,
      latency: settings.latency,
      signal: end.signal,
      rivalMoves: () => deployments.moveByRival({ release: releaseOf(body, deployments), ...fault.rival }),
      carryOut: () => houston.handle({ ...request, body }),
    });
  }

  function answerFor(airflow, { request, body, response, reset }) {
    requests.push({ ...request, body, ...airflow.record });
    const { operation, release, page } = airflow.record;
    const fault = { ...airflow.fault, ...faults.take(operation, page) };
    return deliver({
      response,
      reset,
      fault,
      latency: airflow.latency ?? settings.latency,
      signal: end.signal,
      rivalMoves: () => deployments.moveByRival({ release, ...fault.rival }),
      carryOut: airflow.answer,
    });
  }

  return {
    /** Houston's whole URL. */
    url: `${server.origin}${HOUSTON_PATH}`,
    origin: server.origin,
    port: server.port,
    /** Which generation of the schema it has. */
    generation: houston.generation,
    /** @type {Map<string, import("./deployments.mjs").Deployment>} the live state, by release name */
    deployments: deployments.live,
    /** Every change that was accepted from a request, with `order`, `release`, `image`, `mutation`, `requestId`, … */
    applied: deployments.applied,
    /** Every change by a rival, with `order`, `release`, `image`. */
    rivals: deployments.rivals,
    /** Every Deployment that an `upsertDeployment` created. */
    created: deployments.created,
    /**
     * @type {Map<string, import("./airflow/airflow.mjs").Airflow>} by release name, where a Deployment has one:
     *   `schedulers`, `changes`, `version`, `settle()`, `roll()`
     */
    airflows: airflows.live,
    /**
     * Every request that was read to its end: `method`, `path`, `headers`, `rawBody`, `body`, `operation`; one for an
     * Airflow has the operation "airflow", `release`, `page` (the path in that Airflow) and `at`, by the model's clock.
     */
    requests,
    faults,
    /** The registry, where one was asked for: see `startRegistry`. */
    registry,
    /** Waits until every request so far, delayed ones included, has been carried out or given up. */
    async drained() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    /** Ends everything, open connections included. May be called twice. */
    async close() {
      end.abort();
      await server.close();
      await Promise.allSettled(underWay);
      await houston.stop();
      await registry?.close();
    },
    /** Lets `await using` end it, on a Node that has that. */
    async [Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose")]() {
      await this.close();
    },
  };
}

function parseJson({ headers, rawBody }) {
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) return null;
  try {
    return JSON.parse(rawBody);
  } catch {
    return null;
  }
}

/** The Deployment that a request is about, for a rival that is to change the same one. */
function releaseOf(body, deployments) {
  const variables = body?.variables ?? {};
  return variables.releaseName ?? deployments.byId(variables.id)?.releaseName;
}

/** What an ingress answers where nothing is routed. */
function notFound(response) {
  response.writeHead(404, { "content-type": "text/html" });
  response.end("<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n");
}
