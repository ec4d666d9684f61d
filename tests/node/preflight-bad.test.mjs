/**
 * Looking before sending, where the registry is broken, in the way, or hostile: each has its code, in time. Required,
 * nothing is sent to Houston; otherwise the deploy goes on with a warning of the same code.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { image as imageOf } from "../platform/images.mjs";
import { selfSigned } from "../platform/index.mjs";
import { AS_ROBOT, asked, DEPLOYED, lookUp, REPOSITORY, ROBOT, refused, warned } from "./preflight.mjs";
import { ISSUED, staged } from "./run.mjs";
import { closedPort, startResetting, startSilent } from "./servers.mjs";

const HTML = "<html><head><title>Sign in</title></head><body>Please sign in &amp; try again.</body></html>";
const BEARER = { scheme: "bearer", users: [ROBOT] };

/** A literal address that no packet can be sent to, since it needs to be told the interface. */
const LINK_LOCAL = "[fe80::1]";

const everywhere = (fault) => [{ on: "any", times: Infinity, ...fault }];
const atManifest = (fault) => ["head", "manifest"].map((on) => ({ on, times: Infinity, ...fault }));
const at = (on, fault) => [{ on, times: Infinity, ...fault }];

/**
 * Runs a look-up under `require` and under `auto`, each with a registry of its own, and holds both to the code.
 *
 * @param {string} name
 * @param {object} row
 * @param {string} row.error
 * @param {number} [row.exit]
 * @param {object} [row.options] of the registry
 * @param {object[] | ((registry: object) => object[])} [row.faults]
 * @param {boolean} [row.robot] whether the robot's credentials are there
 * @param {object} [row.deploy] options of `deploy`
 * @param {string[]} [row.said] what is to be found in the output
 * @param {(registry: object, run: object) => void} [row.check] what else has to hold
 */
function bad(name, { error, exit = 4, options, faults = [], robot = false, deploy, said = [], check }) {
  for (const [preflight, expected] of [
    ["require", refused(error, exit)],
    ["auto", warned(error)],
  ]) {
    staged(`${name}, ${preflight}`, async (stage) => {
      const registry = await stage.registry(options);
      registry.faults.add(...(typeof faults === "function" ? faults(registry) : faults));
      const [user, how] = robot ? AS_ROBOT : [];
      const run = await lookUp(stage, registry, { preflight, ...user, ...deploy }, how);
      assert.deepEqual(run.facts, expected, run.stderr);
      // Whoever reads the log has to see which registry it was, and what to do.
      for (const text of [registry.host.split(":")[0], ...said]) assert.ok(run.stderr.includes(text), run.stderr);
      assert.match(run.stderr, /^hint: /m);
      assert.ok(run.milliseconds < 5000, `it took ${run.milliseconds} ms`);
      check?.(registry, run);
    });
  }
}

describe("a registry that answers something else", () => {
  bad("HTML", { error: "REGISTRY_FAILED", faults: everywhere({ status: 200, body: HTML }) });
  bad("HTML for the config", { error: "REGISTRY_FAILED", faults: at("blob", { status: 200, body: HTML }) });
  bad("a login page, by redirect", {
    error: "REGISTRY_FAILED",
    faults: [
      ...atManifest({ status: 302, headers: { location: "/login?next=%2Fv2%2F" } }),
      ...at("other", { status: 200, body: HTML }),
    ],
  });
  for (const body of ["", HTML, "default backend - 404", { message: "no Route matched with those values" }]) {
    bad(`404 that no registry wrote: ${JSON.stringify(body)}`, {
      error: "REGISTRY_FAILED",
      faults: everywhere({ status: 404, body }),
      said: ["HTTP 404"],
    });
  }
  bad("a redirect to nowhere", { error: "REGISTRY_FAILED", faults: atManifest({ status: 302, headers: {} }) });
  bad("a redirect to something else than HTTP", {
    error: "REGISTRY_FAILED",
    faults: atManifest({ status: 302, headers: { location: "file:///etc/passwd" } }),
  });
  for (const status of [400, 405, 410, 451, 505]) {
    bad(`HTTP ${status}`, { error: "REGISTRY_FAILED", faults: everywhere({ status }), said: [`HTTP ${status}`] });
  }
  for (const body of ["null", "[]", "{}", '{"config":{"digest":7}}', '{"manifests":{}}', "{", "\u0000"]) {
    bad(`a manifest that is ${JSON.stringify(body)}`, {
      error: "REGISTRY_FAILED",
      faults: at("manifest", { status: 200, type: "application/vnd.oci.image.manifest.v1+json", body }),
    });
  }
  bad("a config that is no JSON", {
    error: "REGISTRY_FAILED",
    options: { repositories: { [REPOSITORY]: { "1.4.2": imageOf({ config: () => "no json" }) } } },
  });
});

describe("a registry that fails", () => {
  for (const status of [408, 500, 502, 503, 504]) {
    bad(`HTTP ${status}`, { error: "REGISTRY_FAILED", faults: everywhere({ status }), said: [`${status}`] });
  }
  bad("429 with seconds", {
    error: "RATE_LIMITED",
    faults: everywhere({ status: 429, headers: { "retry-after": "7" } }),
    said: ["429"],
  });
  bad("429 with a date", {
    error: "RATE_LIMITED",
    faults: everywhere({ status: 429, headers: { "retry-after": new Date(Date.now() + 60_000).toUTCString() } }),
  });
  bad("429 with nonsense", {
    error: "RATE_LIMITED",
    faults: everywhere({ status: 429, headers: { "retry-after": "soon" } }),
  });
  bad("429 for longer than there is time, though it could be asked again", {
    error: "RATE_LIMITED",
    faults: everywhere({ status: 429, headers: { "retry-after": "3600" } }),
    deploy: { attempts: 4, "request-timeout": "2s" },
  });
  staged("429 is asked again when it says", async (stage) => {
    const registry = await stage.registry();
    registry.faults.add({ on: "head", status: 429, headers: { "retry-after": "1" } });
    const { facts, milliseconds, stderr } = await lookUp(stage, registry, { attempts: 2 });
    assert.deepEqual(facts, DEPLOYED, stderr);
    assert.ok(milliseconds >= 1000, `it waited ${milliseconds} ms`);
  });
  for (const kind of ["head", "blob", "token"]) {
    bad(`no answer to ${kind}`, {
      error: "REGISTRY_UNREACHABLE",
      options: { auth: BEARER },
      robot: true,
      faults: at(kind, { hang: true }),
      deploy: { "request-timeout": "600ms" },
    });
    bad(`reset at ${kind}`, {
      error: "REGISTRY_UNREACHABLE",
      options: { auth: BEARER },
      robot: true,
      faults: at(kind, { reset: "before" }),
    });
  }
});

describe("bodies", () => {
  for (const kind of ["manifest", "blob", "token"]) {
    bad(`50 MB for ${kind}`, {
      error: "REGISTRY_FAILED",
      options: { auth: BEARER },
      robot: true,
      faults: at(kind, { oversized: 50 * 1024 * 1024 }),
    });
    bad(`cut for ${kind}`, {
      error: "REGISTRY_FAILED",
      options: { auth: BEARER },
      robot: true,
      faults: at(kind, { cut: 30 }),
    });
    bad(`gzip that is none for ${kind}`, {
      error: "REGISTRY_FAILED",
      options: { auth: BEARER },
      robot: true,
      faults: at(kind, { gzip: "bad" }),
    });
  }
  bad("a manifest that does not hash to its digest", {
    error: "REGISTRY_FAILED",
    faults: at("manifest", { spoiled: true }),
  });
  bad("a config that does not hash to its digest", {
    error: "REGISTRY_FAILED",
    faults: at("blob", { spoiled: true }),
  });
  bad("a digest that nothing hashes to", {
    error: "REGISTRY_FAILED",
    faults: atManifest({ digestHeader: "wrong" }),
  });

  for (const digestHeader of ["missing", "malformed"]) {
    staged(`a ${digestHeader} digest is found out by hashing`, async (stage) => {
      const registry = await stage.registry();
      registry.faults.add(...atManifest({ digestHeader }));
      const { facts, stderr } = await lookUp(stage, registry);
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  }
});

describe("challenges and tokens", () => {
  const untouched = (registry) => {
    assert.ok(!asked(registry).includes("token"), "the token server was asked");
    assert.ok(
      registry.requests.every(({ credentials }) => credentials === "none"),
      "credentials were sent",
    );
  };
  const realms = [
    "http://169.254.169.254/latest/meta-data/",
    `https://${LINK_LOCAL}/token`,
    "http://registry.example.com/token",
    "file:///etc/passwd",
    "ftp://127.0.0.1/token",
    "https://user:password@127.0.0.1/token",
    "/token",
    "",
    "https://",
  ];
  for (const realm of realms) {
    bad(`the realm "${realm}"`, {
      error: "REGISTRY_FAILED",
      options: { auth: { ...BEARER, realm } },
      robot: true,
      check: untouched,
    });
  }
  const challenges = [
    ["unbalanced quotes", ({ realm }) => `Bearer realm="${realm},service="x`],
    ["a quote that never ends", ({ realm }) => `Bearer realm="${realm}`],
    ["no realm", () => 'Bearer service="x"'],
    ["a scheme that nobody has", () => 'Negotiate oYG2MIGzoAMKAQA="'],
    ["another scheme alone", () => "Negotiate"],
    ["nothing", () => ""],
    ["commas", () => ",,,,"],
  ];
  for (const [name, challenge] of challenges) {
    bad(`a challenge with ${name}`, {
      error: "REGISTRY_FAILED",
      options: { auth: { ...BEARER, challenge } },
      robot: true,
      check: untouched,
    });
  }

  const answers = [
    ["HTML", { status: 200, body: HTML }],
    ["no token in it", { status: 200, body: { expires_in: 300 } }],
    ["a token that is no text", { status: 200, body: { token: { a: ISSUED } } }],
    ["an empty token", { status: 200, body: { token: "" } }],
    ["control characters in the token", { status: 200, body: { token: `${ISSUED}\r\nx-injected: 1` } }],
    ["a token beyond ASCII", { status: 200, body: { token: `${ISSUED}é` } }],
    ["a token of a megabyte", { status: 200, body: { token: ISSUED.padEnd(1024 * 1024, "x") } }],
    ["a redirect", { status: 302, headers: { location: "/v2/" } }],
    ["an error", { status: 500, body: { errors: [] } }],
  ];
  for (const [name, fault] of answers) {
    bad(`a token server that answers with ${name}`, {
      error: "REGISTRY_FAILED",
      options: { auth: BEARER },
      robot: true,
      faults: at("token", fault),
      check: ({ requests }) => assert.ok(requests.every(({ credentials }) => credentials !== "bearer")),
    });
  }

  for (const auth of [
    { ...BEARER, users: [{ ...ROBOT, password: "another" }] },
    { scheme: "basic", users: [{ ...ROBOT, password: "another" }] },
    { ...BEARER, users: [{ ...ROBOT, repositories: ["acme/other"] }] },
    { scheme: "basic", users: [{ ...ROBOT, repositories: ["acme/other"] }] },
  ]) {
    const why = auth.users[0].password === "another" ? "a wrong password" : "no permission";
    bad(`${auth.scheme}, ${why}`, {
      error: "REGISTRY_DENIED",
      exit: 3,
      options: { auth },
      robot: true,
      check: ({ requests }) => assert.ok(requests.length <= 6, `${requests.length} requests`),
    });
    bad(`${auth.scheme}, anonymous`, { error: "REGISTRY_DENIED", exit: 3, options: { auth } });
  }
});

describe("redirects of blobs", () => {
  staged("lead to another origin, without credentials", async (stage) => {
    const registry = await stage.registry({ auth: BEARER, storage: true });
    const { facts, stderr } = await lookUp(stage, registry, ...AS_ROBOT);
    assert.deepEqual(facts, DEPLOYED, stderr);
    const stored = registry.requests.filter(({ kind }) => kind === "storage");
    assert.deepEqual(
      stored.map(({ credentials }) => credentials),
      ["none"],
    );
  });

  const to = (location) => at("blob", { status: 307, headers: { location } });
  bad("to themselves for ever", {
    error: "REGISTRY_FAILED",
    faults: to("?again"),
    check: ({ requests }) => assert.ok(requests.filter(({ kind }) => kind === "blob").length <= 6),
  });
  bad("round and round", {
    error: "REGISTRY_FAILED",
    faults: [...to("/round"), ...at("other", { status: 307, headers: { location: "/round" } })],
    check: ({ requests }) => assert.ok(requests.filter(({ kind }) => kind === "other").length <= 5),
  });
  for (const location of ["http://169.254.169.254/latest/meta-data/", `https://${LINK_LOCAL}/blob`]) {
    bad(`to ${location}`, { error: "REGISTRY_FAILED", faults: to(location) });
  }
  bad("to a storage that has nothing", {
    error: "REGISTRY_FAILED",
    options: { storage: true },
    faults: at("storage", { status: 404, type: "application/xml", body: "<Error><Code>NoSuchKey</Code></Error>" }),
  });
});

describe("no registry there", () => {
  const nowhere = [
    ["nobody listens", async () => closedPort(), "REGISTRY_UNREACHABLE"],
    ["resets", async (stage) => (await startResetting(stage)).port, "REGISTRY_UNREACHABLE"],
    ["silence", async (stage) => (await startSilent(stage)).port, "REGISTRY_UNREACHABLE"],
    [
      "a certificate that nobody trusts",
      async (stage) => (await stage.registry({ tls: selfSigned() })).port,
      "TLS_UNTRUSTED",
    ],
  ];
  for (const [name, start, error] of nowhere) {
    for (const [preflight, expected] of [
      ["require", refused(error, 4)],
      ["auto", warned(error)],
    ]) {
      staged(`${name}, ${preflight}`, async (stage) => {
        const host = `127.0.0.1:${await start(stage)}`;
        const { facts, stderr } = await lookUp(stage, { host }, { preflight, "request-timeout": "600ms" });
        assert.deepEqual(facts, expected, stderr);
        assert.match(stderr, /127\.0\.0\.1/);
      });
    }
  }
});

staged("what a registry says cannot act in the log", async (stage) => {
  const registry = await stage.registry();
  const message = "\u001b[31mno\r\n::error::forged\n##[error]forged \u202e";
  registry.faults.add(...everywhere({ status: 403, body: { errors: [{ code: "DENIED\n::x", message }] } }));
  const { facts, stdout, stderr } = await lookUp(stage, registry);
  assert.deepEqual(facts, refused("REGISTRY_DENIED"), stderr);
  assert.doesNotMatch(stdout + stderr, /^::|\u001b|\u202e|##\[/m);
});
