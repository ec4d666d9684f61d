/**
 * A small container registry, read only: manifests by tag and digest, blobs, and what a registry says of them, over
 * real HTTP on a port of its own. It holds images and never decides whether one is good.
 *
 * Source: the OCI distribution specification, "Pulling manifests" and "Pulling blobs".
 */

import { Access, failure } from "./access.mjs";
import { deliver } from "./delivery.mjs";
import { Faults } from "./faults.mjs";
import { DEFAULT_IMAGES, withChildren } from "./images.mjs";
import { listen } from "./server.mjs";

/** The kinds of request that a fault can wait for; a manifest that is asked for by HEAD is a `head`. */
const KINDS = ["ping", "head", "manifest", "blob", "token", "storage", "other", "any"];

/** What a fault of a registry may be besides those of `faults.mjs`. */
const OWN_FAULTS = ["digestHeader", "spoiled"];

const NO_DIGEST = `sha256:${"0".repeat(64)}`;

/**
 * @typedef {object} RegistryOptions
 * @property {Record<string, Record<string, import("./images.mjs").Image>>} [repositories] each with its tags
 * @property {import("./access.mjs").Auth} [auth] open to everyone if left out
 * @property {boolean} [storage] whether blobs lie at another origin, to which their addresses redirect
 * @property {boolean} [digestHeader] whether manifests come with `Docker-Content-Digest`
 * @property {{ key: string, cert: string }} [tls] PEM; plain HTTP if left out
 * @property {number} [latency] milliseconds before each answer
 * @property {number} [port] 0, any free one, if left out
 */

/** @type {Required<Omit<RegistryOptions, "tls">>} */
const DEFAULTS = {
  repositories: { "acme/airflow": DEFAULT_IMAGES },
  auth: {},
  storage: false,
  digestHeader: true,
  latency: 0,
  port: 0,
};

/**
 * Starts a registry on the loopback interface.
 *
 * A fault of it is one of `faults.mjs`, or has `digestHeader: "wrong" | "missing" | "malformed"`, which changes what
 * the header says, or `spoiled: true`, which changes a byte of the body.
 *
 * @param {RegistryOptions & { [unknown: string]: unknown }} [options]
 */
export async function startRegistry(options = {}) {
  const unknown = Object.keys(options).filter((name) => !(name in DEFAULTS || name === "tls"));
  if (unknown.length > 0) throw new TypeError(`a registry has no option "${unknown.join('", "')}"`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...given };

  const end = new AbortController();
  const faults = new Faults({ targets: KINDS, more: OWN_FAULTS });
  const requests = [];
  const contents = contentsOf(settings.repositories);
  const access = new Access(settings.auth, () => server.origin);
  const server = await listen(settings, (exchange) => answer(exchange, server.origin, routeOf));
  const storage = settings.storage
    ? await listen({ port: 0, tls: settings.tls }, (exchange) => answer(exchange, storage.origin, () => "storage"))
    : undefined;

  async function answer({ request, response, reset }, origin, kindOf) {
    const url = new URL(request.path, origin);
    const kind = kindOf(request, url.pathname);
    const entry = { ...request, kind, credentials: credentialsOf(request.headers), status: undefined };
    requests.push(entry);
    response.on("finish", () => {
      entry.status = response.statusCode;
    });
    const fault = faults.take(kind);
    return deliver({
      response,
      reset,
      fault,
      latency: settings.latency,
      signal: end.signal,
      rivalMoves: () => {},
      carryOut: async () => withFault(handle(kind, { ...request, pathname: url.pathname }), fault),
    });
  }

  function routeOf({ method }, pathname) {
    if (pathname === "/v2/") return "ping";
    if (pathname === access.tokenPath) return "token";
    if (/^\/v2\/.+\/manifests\/[^/]+$/.test(pathname)) return method === "HEAD" ? "head" : "manifest";
    return /^\/v2\/.+\/blobs\/[^/]+$/.test(pathname) ? "blob" : "other";
  }

  function handle(kind, request) {
    const { method, pathname } = request;
    if (kind === "token") return access.issue(request);
    if (kind === "other") return failure(404, "UNSUPPORTED", "no such path");
    if (method !== "GET" && method !== "HEAD") return failure(405, "UNSUPPORTED", "this registry is read only");
    const [, repository, reference] = /^\/v2\/(.+)\/[a-z]+\/([^/]+)$/.exec(pathname) ?? [];
    if (kind === "storage") return blob(contents.get(repository), reference);
    const refusal = access.refusal(request, repository);
    if (refusal) return refusal;
    if (kind === "ping") return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
    const content = contents.get(repository);
    if (!content) return failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    if (kind !== "blob") return manifest(content, reference, request.headers.accept, settings);
    return storage ? redirect(`${storage.origin}${pathname}?signature=of-the-storage`) : blob(content, reference);
  }

  return {
    origin: server.origin,
    port: server.port,
    /** Where its images are, as it stands at the start of a reference. */
    host: `127.0.0.1:${server.port}`,
    /** The origin of its blobs, where that is another. */
    storageOrigin: storage?.origin,
    /**
     * Every request that was read to its end, those to the storage as well: `kind`, `method`, `path`, `headers`,
     * `rawBody`, `credentials` ("none", "basic", "bearer", "other"), and the `status` of an answer that went out whole.
     */
    requests,
    faults,
    /** Ends everything, open connections included. May be called twice. */
    async close() {
      end.abort();
      await server.close();
      await storage?.close();
    },
    /** Lets `await using` end it, on a Node that has that. */
    async [Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose")]() {
      await this.close();
    },
  };
}

/** What each repository holds, by what it can be asked for. */
function contentsOf(repositories) {
  const contents = new Map();
  for (const [name, tags] of Object.entries(repositories)) {
    const images = Object.values(tags).flatMap(withChildren);
    const manifests = new Map(images.map((image) => [image.digest, image]));
    for (const [tag, image] of Object.entries(tags)) manifests.set(tag, image);
    contents.set(name, { manifests, blobs: new Map(images.flatMap(({ blobs }) => [...blobs])) });
  }
  return contents;
}

function manifest({ manifests }, reference, accept = "", { digestHeader }) {
  const found = manifests.get(reference);
  if (!found) return failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
  const accepted = accept.split(",").map((type) => type.split(";")[0].trim());
  // A registry would have to turn it into a kind that the client knows, and does not.
  if (!accepted.includes(found.mediaType)) return failure(404, "MANIFEST_UNKNOWN", "manifest of a kind not accepted");
  const named = digestHeader && { "docker-content-digest": found.digest };
  return { status: 200, headers: { "content-type": found.mediaType, ...named }, body: found.manifest };
}

function blob(content, digest) {
  const bytes = content?.blobs.get(digest);
  if (!bytes) return failure(404, "BLOB_UNKNOWN", "blob unknown to registry");
  const headers = { "content-type": "application/octet-stream", "docker-content-digest": digest };
  return { status: 200, headers, body: bytes };
}

function redirect(location) {
  return { status: 307, headers: { location }, body: "" };
}

/** The good answer with a lie in it. */
function withFault({ headers, body, ...rest }, { digestHeader, spoiled }) {
  const changed = { ...headers };
  if (digestHeader === "wrong") changed["docker-content-digest"] = NO_DIGEST;
  if (digestHeader === "malformed") changed["docker-content-digest"] = "sha256:abc";
  if (digestHeader === "missing") delete changed["docker-content-digest"];
  const bytes = Buffer.from(body);
  // A space more or less is the same JSON, so that nothing but the digest tells.
  return { ...rest, headers: changed, body: spoiled ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes };
}

function credentialsOf({ authorization }) {
  if (authorization === undefined) return "none";
  const scheme = authorization.split(" ")[0].toLowerCase();
  return ["basic", "bearer"].includes(scheme) ? scheme : "other";
}
