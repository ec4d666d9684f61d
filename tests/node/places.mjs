/**
 * Every place in which text of a server can reach the program: for each, the servers that have a given text there and
 * the options with which it is read. What may become of such a text is the tests' to say.
 */

import { image as imageOf, LABELS } from "../platform/images.mjs";
import { REPOSITORY, ROBOT, USER_NAME } from "./preflight.mjs";
import { PASSWORD } from "./run.mjs";

const FIELD = "updateDeploymentImage";
const ALWAYS = { times: Infinity };
const BEARER = { scheme: "bearer", users: [ROBOT] };

/** The credentials for registries, which every one of them asks for. */
export const CREDENTIALS = { "registry-username": USER_NAME, "registry-password": PASSWORD };

/** The options of `deploy` as JavaScript calls them. */
export function inJavaScript(options) {
  const camel = (name) => name.replace(/-./g, ([, letter]) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

/** What can stand in a header, by the letter of HTTP and as Node's servers see it. */
export const fitsHeader = (text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

/** Every text within a value, but the keys, in the place of which the other one stands. */
export function overwritten(value, text) {
  if (typeof value === "string") return text;
  if (Array.isArray(value)) return value.map((item) => overwritten(item, text));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, overwritten(item, text)]));
}

const overwriting = (text) => ({ tamper: (answer) => overwritten(answer, text) });
const refused = (error) => ({ graphql: { data: null, errors: [{ path: [FIELD], ...error }] } });
const echo = (field, text) => ({
  tamper(answer) {
    answer.data[FIELD][field] = text;
    return answer;
  },
});

/** In Houston's answer to the change. */
const CHANGE = {
  "the message of an unknown error": (text) => refused({ message: text }),
  "the message of a refusal": (text) => refused({ message: text, extensions: { code: "BAD_USER_INPUT" } }),
  "the message of a validation error": (text) => ({
    status: 400,
    graphql: { errors: [{ message: text, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] },
  }),
  "the code of an error": (text) => refused({ message: "no", extensions: { code: text } }),
  "the path of an error": (text) => refused({ message: "no", path: [FIELD, text] }),
  "the release that is echoed": (text) => echo("releaseName", text),
  "the version that is echoed": (text) => echo("runtimeVersion", text),
  "the id": (text) => echo("id", text),
  "every value": overwriting,
  "a page": (text) => ({ status: 502, body: text }),
  "a page under 403": (text) => ({ status: 403, body: text }),
  "a page under 413": (text) => ({ status: 413, body: { message: text, error: text } }),
  "the media type": (text) => fitsHeader(text) && { status: 200, body: "x", type: text },
  "a redirect": (text) => fitsHeader(text) && { status: 302, headers: { location: text } },
  "Retry-After": (text) => fitsHeader(text) && { status: 429, headers: { "retry-after": text }, body: "" },
  "the reason phrase": (text) =>
    fitsHeader(text) && { raw: () => [`HTTP/1.1 500 ${text}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`] },
};

const VERSION = {
  "the platform's version": (text) => ({ graphql: { data: { appConfig: { version: text } } } }),
  "the platform's version, after what looks like one": (text) => ({
    graphql: { data: { appConfig: { version: `0.34.1-${text}` } } },
  }),
};

const errors = (text) => ({ errors: [{ code: text, message: text, detail: text }] });

/** In a registry's answers: its options and its faults. */
const REGISTRY = {
  "the error of a manifest": (text) => [{}, { on: "manifest", ...ALWAYS, status: 404, body: errors(text) }],
  "the error of a refusal": (text) => [{}, { on: "blob", ...ALWAYS, status: 403, body: errors(text) }],
  "the error of a failure": (text) => [{}, { on: "blob", ...ALWAYS, status: 500, body: errors(text) }],
  "the error of the token server": (text) => [
    {},
    { on: "token", ...ALWAYS, status: 401, body: { ...errors(text), details: text } },
  ],
  "the token": (text) => [{}, { on: "token", ...ALWAYS, status: 200, body: { token: text } }],
  "a challenge": (text) => fitsHeader(text) && [{ auth: { ...BEARER, challenge: () => text } }],
  "the realm of a challenge": (text) =>
    fitsHeader(text) && [{ auth: { ...BEARER, challenge: () => `Bearer realm="http://x.test/${text}",service="x"` } }],
  "the service of a challenge": (text) =>
    fitsHeader(text) && [
      { auth: { ...BEARER, challenge: ({ realm }) => `Bearer realm="${realm}",service="${text}"` } },
    ],
  "the address of a redirect": (text) =>
    fitsHeader(text) && [{}, { on: "blob", ...ALWAYS, status: 307, headers: { location: `ftp://127.0.0.1/${text}` } }],
  "the digest": (text) =>
    fitsHeader(text) && [
      {},
      { on: "head", ...ALWAYS, status: 200, headers: { "docker-content-digest": text }, body: "" },
    ],
  "the label of the version": (text) => [holding({ labels: { [LABELS.runtime]: text, [LABELS.airflow]: text } })],
  "the end of the label of the version": (text) => [holding({ labels: { [LABELS.runtime]: `12.1.1-${text}` } })],
  "the platform of the image": (text) => [holding({ os: text, architecture: text, variant: text })],
  "a manifest": (text) => [{}, { on: "manifest", ...ALWAYS, ...overwriting(text) }],
};

function holding(options) {
  return { repositories: { [REPOSITORY]: { "1.4.2": imageOf(options) } } };
}

/** In an Airflow's answers. */
const AIRFLOW = {
  "every value": overwriting,
  "a page": (text) => ({ status: 500, body: { detail: text } }),
  "the version": (text) => ({ page: /version/, tamper: (answer) => ({ ...answer, version: text }) }),
  "the health": (text) => ({ page: /health/, ...overwriting(text) }),
  "the rows": (text) => ({ page: /jobs|eventLogs/, ...overwriting(text) }),
  "a redirect": (text) => fitsHeader(text) && { status: 302, headers: { location: text } },
};

const named = (kind, places, prepare) =>
  Object.entries(places).map(([name, place]) => ({
    name: `${kind}: ${name}`,
    prepare: (...given) => prepare(place, ...given),
  }));

/**
 * Each has `prepare(stage, text)`, which starts the servers and gives the options of `deploy` by the contract's names,
 * or nothing where the text cannot stand there.
 */
export const PLACES = [
  ...named("Houston's answer", CHANGE, async (place, stage, text) => {
    const fault = place(text);
    return fault && { "houston-url": await houston(stage, { on: "mutation", ...fault }), "platform-version": "0.34.1" };
  }),
  ...named("Houston", VERSION, async (place, stage, text) => ({
    "houston-url": await houston(stage, { on: "version", ...place(text) }),
  })),
  {
    name: "Houston: the Deployment",
    prepare: async (stage, text) => ({
      "houston-url": await houston(stage, { on: "read", ...ALWAYS, ...overwriting(text) }),
      workspace: "clworkspace0001",
    }),
  },
  ...named("registry", REGISTRY, async (place, stage, text) => {
    const [options, ...faults] = place(text) || [];
    if (!options) return undefined;
    const registry = await stage.registry({ auth: BEARER, ...options });
    registry.faults.add(...faults);
    return {
      "houston-url": await houston(stage),
      image: `${registry.host}/${REPOSITORY}:1.4.2`,
      "runtime-version": undefined,
      preflight: "require",
    };
  }),
  ...named("Airflow", AIRFLOW, async (place, stage, text) => {
    const fault = place(text);
    if (!fault) return undefined;
    const options = { airflow: { speed: 60 } };
    return {
      "houston-url": await houston(stage, { on: "airflow", ...ALWAYS, ...fault }, options),
      workspace: "clworkspace0001",
      wait: "auto",
      timeout: "600ms",
      "stable-for": "300ms",
      "poll-interval": "100ms",
    };
  }),
];

async function houston(stage, fault, options) {
  const platform = await stage.houston(options);
  if (fault) platform.faults.add(fault);
  return platform.url;
}
