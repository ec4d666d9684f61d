/**
 * The plainest client that Houston can have: one fetch, and the documents of each generation. It is there to try the
 * platform itself; it judges no answer, and the tool under test never shares a line with it.
 */

import { SERVICE_KEY } from "./tokens.mjs";

export const ASK_VERSION = "query AppConfig { appConfig { version } }";

export const ASK_DEPLOYMENT = `query ($workspaceUuid: Uuid!, $releaseName: String) {
  workspaceDeployments(workspaceUuid: $workspaceUuid, releaseName: $releaseName) { id releaseName updatedAt }
}`;

/** The mutation of generation 0.29. */
export const UPDATE_EITHER = `mutation (
  $releaseName: String!, $image: String!, $airflowVersion: String, $runtimeVersion: String
) {
  updateDeploymentImage(
    releaseName: $releaseName, image: $image, airflowVersion: $airflowVersion, runtimeVersion: $runtimeVersion
  ) { id releaseName airflowVersion runtimeVersion }
}`;

/** The mutation of generation 1.0.1, which 0.29 takes as well. */
export const UPDATE = `mutation (
  $releaseName: String!, $image: String!, $runtimeVersion: String!, $dockerconfigjson: JSON
) {
  updateDeploymentImage(
    releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion, dockerconfigjson: $dockerconfigjson
  ) { id releaseName runtimeVersion }
}`;

/** The mutation of generation 2.1, which the older ones take to create a Deployment. */
export const UPSERT = `mutation ($releaseName: String, $image: String, $runtimeVersion: String) {
  upsertDeployment(
    releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion
  ) { id releaseName runtimeVersion }
}`;

/**
 * Sends one request and gives the response, whatever it is. Redirects are not followed.
 *
 * @param {{ url: string }} platform
 * @param {string} query
 * @param {object} [variables]
 * @param {{ token?: string | null, signal?: AbortSignal }} [options] the editor's key, and five seconds, if left out
 */
export function post(platform, query, variables = {}, { token = SERVICE_KEY, signal } = {}) {
  return fetch(platform.url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...(token && { authorization: token }) },
    body: JSON.stringify({ query, variables }),
    redirect: "manual",
    signal: signal ?? AbortSignal.timeout(5000),
  });
}

/** As `post`, for an answer that is JSON: its members, with the status and the headers beside them. */
export async function ask(...request) {
  const response = await post(...request);
  const answer = JSON.parse(await response.text());
  return { ...answer, status: response.status, headers: response.headers };
}
