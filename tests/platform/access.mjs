/**
 * Who may pull from the embedded registry: challenges, Basic credentials, and a token server. It judges requests and
 * never sees an image.
 *
 * Source: RFC 9110, section 11, and the distribution project's pages on token authentication.
 */

import { randomBytes } from "node:crypto";

const JSON_TYPE = { "content-type": "application/json" };

/**
 * @typedef {object} Auth
 * @property {"none" | "basic" | "bearer"} [scheme]
 * @property {{ name: string, password: string, repositories?: string[] }[]} [users] the repositories that each may
 *   pull from; all of them if left out
 * @property {boolean} [anonymous] bearer: whether a token is granted without credentials as well
 * @property {string[]} [open] the repositories that an anonymous token is good for; all of them if left out
 * @property {string[]} [refreshTokens] bearer: what may be exchanged for a token by POST
 * @property {string} [token] bearer: what is issued; made up if left out
 * @property {"token" | "access_token" | "both"} [field] bearer: under which name
 * @property {string} [path] bearer: where the token server is
 * @property {string} [realm] bearer: the whole address in the challenge, where that is to be another
 * @property {string} [service]
 * @property {boolean} [openPing] whether `/v2/` answers 200 to everyone all the same
 * @property {boolean} [hides] whether what one may not pull is answered as if it were not there
 * @property {(parts: { realm: string, service: string, scope: string }) => string | string[]} [challenge] other
 *   challenges, in one header or in several
 */

/** @type {Required<Omit<Auth, "realm" | "token" | "open" | "challenge">>} */
const DEFAULTS = {
  scheme: "none",
  users: [],
  anonymous: false,
  refreshTokens: [],
  field: "token",
  path: "/token",
  service: "embedded-registry",
  openPing: false,
  hides: false,
};

const OPTIONAL = ["realm", "token", "open", "challenge"];

export class Access {
  #settings;
  #origin;
  #token;
  /** @type {Set<string>} the repositories that the token was granted for */
  #granted = new Set();

  /**
   * @param {Auth} auth
   * @param {() => string} origin the registry's own, once it listens
   */
  constructor(auth, origin) {
    const unknown = Object.keys(auth).filter((name) => !(name in DEFAULTS || OPTIONAL.includes(name)));
    if (unknown.length > 0) throw new TypeError(`a registry's auth has no option "${unknown.join('", "')}"`);
    this.#settings = { ...DEFAULTS, ...auth };
    this.#origin = origin;
    this.#token = auth.token ?? `issued-${randomBytes(16).toString("hex")}`;
  }

  /** The path of the token server, or undefined where there is none. */
  get tokenPath() {
    return this.#settings.scheme === "bearer" ? this.#settings.path : undefined;
  }

  /**
   * Why a request may not pull, as an answer, or undefined where it may.
   *
   * @param {{ headers: Record<string, string> }} request
   * @param {string | undefined} repository undefined for `/v2/`
   */
  refusal({ headers }, repository) {
    const { scheme, openPing, hides } = this.#settings;
    if (scheme === "none" || (repository === undefined && openPing)) return undefined;
    const known = scheme === "basic" ? this.#user(headers) : headers.authorization === `Bearer ${this.#token}`;
    if (!known) return this.#unauthorized(repository);
    const may = scheme === "basic" ? isFor(known, repository) : this.#granted.has(repository) || !repository;
    if (may) return undefined;
    if (hides) return failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    if (scheme === "basic") return failure(403, "DENIED", "requested access to the resource is denied");
    return this.#unauthorized(repository, ',error="insufficient_scope"');
  }

  /**
   * What the token server answers.
   *
   * @param {{ method: string, path: string, headers: Record<string, string>, rawBody: string }} request
   */
  issue({ method, path, headers, rawBody }) {
    const { service, anonymous, open, refreshTokens, field } = this.#settings;
    const asked = method === "POST" ? new URLSearchParams(rawBody) : new URL(path, this.#origin()).searchParams;
    const [type, repository, actions, ...more] = (asked.get("scope") ?? "").split(":");
    // A token for what one did not ask for would be of no use, so that a wrong scope or service shows at once.
    if (type !== "repository" || !repository || actions !== "pull" || more.length > 0) {
      return failure(400, "UNSUPPORTED", "the scope is not repository:<name>:pull");
    }
    if (asked.get("service") !== service) return failure(400, "UNSUPPORTED", "the service is another one");

    if (method === "POST") {
      const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
      if (!isForm || asked.get("grant_type") !== "refresh_token") {
        return failure(400, "UNSUPPORTED", "the grant type is not refresh_token");
      }
      if (!refreshTokens.includes(asked.get("refresh_token"))) {
        return failure(401, "UNAUTHORIZED", "unknown refresh token");
      }
      this.#granted.add(repository);
    } else if (headers.authorization) {
      const user = this.#user(headers);
      if (!user) return failure(401, "UNAUTHORIZED", "incorrect username or password");
      if (isFor(user, repository)) this.#granted.add(repository);
    } else {
      if (!anonymous) return failure(401, "UNAUTHORIZED", "authentication required");
      if (open === undefined || open.includes(repository)) this.#granted.add(repository);
    }
    const names = field === "both" ? ["token", "access_token"] : [field];
    const body = { ...Object.fromEntries(names.map((name) => [name, this.#token])), expires_in: 300 };
    return { status: 200, headers: JSON_TYPE, body: JSON.stringify(body) };
  }

  #user({ authorization = "" }) {
    const [scheme, credentials = ""] = authorization.split(" ");
    if (scheme.toLowerCase() !== "basic") return undefined;
    const text = Buffer.from(credentials, "base64").toString();
    return this.#settings.users.find(({ name, password }) => text === `${name}:${password}`);
  }

  #unauthorized(repository, more = "") {
    const { scheme, path, realm, service, challenge } = this.#settings;
    const parts = {
      realm: realm ?? `${this.#origin()}${path}`,
      service,
      scope: repository === undefined ? "" : `repository:${repository}:pull`,
    };
    const bearer = `Bearer realm="${parts.realm}",service="${service}",scope="${parts.scope}"${more}`;
    const said = challenge?.(parts) ?? (scheme === "basic" ? `Basic realm="${service}"` : bearer);
    const answer = failure(401, "UNAUTHORIZED", "authentication required");
    return { ...answer, headers: { ...answer.headers, "www-authenticate": said } };
  }
}

function isFor({ repositories }, repository) {
  return repositories === undefined || repository === undefined || repositories.includes(repository);
}

/** An answer with one of the error codes of the OCI distribution specification. */
export function failure(status, code, message) {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ errors: [{ code, message, detail: null }] }) };
}
