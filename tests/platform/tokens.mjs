/**
 * Who may do what: service-account keys, user tokens, and the one answer that Houston has for every lack of rights.
 * Nothing here verifies a signature; a token counts because it is on the platform's list.
 */

/** The service-account key of the default platform, with the role Editor. */
export const SERVICE_KEY = "embeddedhoustoneditorservicekey1";

/** A service-account key of the default platform that may look and not deploy. */
export const VIEWER_KEY = "embeddedhoustonviewerservicekey1";

/**
 * @typedef {object} Token
 * @property {string} value what the Authorization header has to be, without any scheme
 * @property {"service" | "user"} kind only a user's token expires
 * @property {"editor" | "admin" | "viewer"} role a viewer may not deploy
 * @property {string[]} [deployments] the release names that it is for; all of them if left out
 */

/** @type {Token[]} */
export const DEFAULT_TOKENS = [
  { value: SERVICE_KEY, kind: "service", role: "editor" },
  { value: VIEWER_KEY, kind: "service", role: "viewer" },
];

/**
 * A user token as Houston issues them: three parts, RS256 by its header, with a signature that is none.
 *
 * @param {{ exp?: number }} [claims] the end of its life in seconds since 1970; a day from now if left out
 * @returns {string}
 */
export function userToken({ exp = Math.floor(Date.now() / 1000) + 86_400 } = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = { alg: "RS256", typ: "JWT" };
  const claims = { id: "cluser0001", isAdmin: false, iat: exp - 86_400, exp };
  return `${part(header)}.${part(claims)}.${Buffer.alloc(256, "no signature ").toString("base64url")}`;
}

/**
 * The token that a request came with, or `undefined` where it is missing, not known, or expired.
 *
 * @param {Token[]} tokens
 * @param {string | undefined} header the Authorization header as it arrived; a scheme in it makes it another token
 */
export function tokenOf(tokens, header) {
  const token = tokens.find(({ value }) => value === header);
  return token?.kind === "user" && isExpired(token.value) ? undefined : token;
}

/**
 * Whether a token may do something to a Deployment.
 *
 * @param {Token | undefined} token
 * @param {"read" | "deploy"} what
 * @param {string | undefined} release its release name; left out for what concerns no single one
 */
export function isAllowed(token, what, release) {
  if (!token || (what === "deploy" && token.role === "viewer")) return false;
  return !token.deployments || release === undefined || token.deployments.includes(release);
}

function isExpired(value) {
  const claims = JSON.parse(Buffer.from(value.split(".")[1] ?? "", "base64url").toString());
  return claims.exp * 1000 <= Date.now();
}
