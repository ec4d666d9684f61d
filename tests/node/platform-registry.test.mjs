/**
 * The embedded registry held to the OCI distribution specification, by plain fetch and by skopeo: what it answers to
 * whom, and that each of its faults does what it says. The tool itself has no part in these tests.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { DEFAULT_IMAGES, digestOf, MEDIA_TYPES } from "../platform/images.mjs";
import { startPlatform, startRegistry } from "../platform/index.mjs";
import { SKIP_REFERENCE } from "./registry/reference.mjs";

/** Nothing here takes a second; what takes longer hangs, and is to fail. */
const LIMITS = { timeout: 10_000 };

const ALL = Object.values(MEDIA_TYPES).flatMap(({ index, manifest }) => [index, manifest]);
const USER = { name: "robot", password: "embedded-registry-password" };
const BASIC = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString("base64")}`;
const WRONG = `Basic ${Buffer.from(`${USER.name}:another`).toString("base64")}`;
const SCOPE = "repository:acme/airflow:pull";

/** A test with a registry that ends with it. */
function registryTest(name, options, run) {
  test(name, LIMITS, async () => {
    const registry = await startRegistry(options);
    try {
      await run(registry);
    } finally {
      await registry.close();
    }
  });
}

/** Asks the registry; gives the status, the headers and the bytes. */
async function ask({ origin }, path, { method = "GET", accept = ALL, headers = {}, body } = {}) {
  const response = await fetch(new URL(path, origin), {
    method,
    headers: { accept: accept.join(", "), ...headers },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(5000),
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

const manifestPath = (reference) => `/v2/acme/airflow/manifests/${reference}`;
const codeOf = ({ bytes }) => JSON.parse(bytes).errors[0].code;

describe("manifests and blobs", () => {
  for (const [tag, image] of Object.entries(DEFAULT_IMAGES)) {
    registryTest(`${tag}, by tag and by digest`, {}, async (registry) => {
      for (const reference of [tag, image.digest]) {
        const head = await ask(registry, manifestPath(reference), { method: "HEAD" });
        const { status, headers, bytes } = await ask(registry, manifestPath(reference));
        assert.deepEqual([head.status, head.bytes.length, status], [200, 0, 200]);
        assert.equal(digestOf(bytes), image.digest);
        for (const said of [head.headers, headers]) {
          assert.equal(said.get("docker-content-digest"), image.digest);
          assert.equal(said.get("content-type"), image.mediaType);
          assert.equal(Number(said.get("content-length")), bytes.length);
        }
        const { config, manifests = [] } = JSON.parse(bytes);
        for (const child of manifests) {
          const { bytes } = await ask(registry, manifestPath(child.digest));
          assert.deepEqual([digestOf(bytes), bytes.length], [child.digest, child.size]);
        }
        if (!config) continue;
        const blob = await ask(registry, `/v2/acme/airflow/blobs/${config.digest}`);
        assert.deepEqual([digestOf(blob.bytes), blob.bytes.length], [config.digest, config.size]);
      }
    });
  }

  registryTest("without the right Accept there is nothing", {}, async (registry) => {
    for (const accept of [["*/*"], ["application/json"], [MEDIA_TYPES.oci.manifest]]) {
      const answer = await ask(registry, manifestPath("1.4.2-index"), { accept });
      assert.deepEqual([answer.status, codeOf(answer)], [404, "MANIFEST_UNKNOWN"]);
    }
  });

  registryTest("what is not there has a code", {}, async (registry) => {
    const rows = [
      [manifestPath("9.9.9"), "MANIFEST_UNKNOWN"],
      ["/v2/acme/other/manifests/1.4.2", "NAME_UNKNOWN"],
      [`/v2/acme/airflow/blobs/sha256:${"0".repeat(64)}`, "BLOB_UNKNOWN"],
    ];
    for (const [path, code] of rows) {
      const answer = await ask(registry, path);
      assert.deepEqual([answer.status, codeOf(answer)], [404, code]);
      assert.equal((await ask(registry, path, { method: "HEAD" })).bytes.length, 0);
    }
    assert.equal((await ask(registry, "/v2/")).status, 200);
    assert.equal((await ask(registry, manifestPath("1.4.2"), { method: "DELETE" })).status, 405);
  });

  registryTest("a storage of its own is where blobs redirect to", { storage: true }, async (registry) => {
    const { config } = JSON.parse(DEFAULT_IMAGES["1.4.2"].manifest);
    const { status, headers } = await ask(registry, `/v2/acme/airflow/blobs/${config.digest}`);
    const location = headers.get("location");
    assert.deepEqual([status, new URL(location).origin], [307, registry.storageOrigin]);
    const { bytes } = await ask(registry, location, { headers: { authorization: "Bearer x" } });
    assert.equal(digestOf(bytes), config.digest);
    assert.deepEqual(
      registry.requests.map(({ kind, credentials, status }) => [kind, credentials, status]),
      [
        ["blob", "none", 307],
        ["storage", "bearer", 200],
      ],
    );
  });
});

describe("access", () => {
  registryTest("Basic", { auth: { scheme: "basic", users: [USER] } }, async (registry) => {
    const { status, headers } = await ask(registry, manifestPath("1.4.2"));
    assert.deepEqual([status, headers.get("www-authenticate")], [401, 'Basic realm="embedded-registry"']);
    for (const [authorization, expected] of [
      [BASIC, 200],
      [WRONG, 401],
      ["Bearer x", 401],
    ]) {
      const answer = await ask(registry, manifestPath("1.4.2"), { headers: { authorization } });
      assert.equal(answer.status, expected);
    }
  });

  const bearer = { scheme: "bearer", users: [USER], refreshTokens: ["to-be-exchanged"], token: "granted" };
  const query = new URLSearchParams({ service: "embedded-registry", scope: SCOPE });
  const form = new URLSearchParams(query);
  for (const [name, value] of [
    ["grant_type", "refresh_token"],
    ["refresh_token", "to-be-exchanged"],
    ["client_id", "tests"],
  ]) {
    form.set(name, value);
  }
  const authorized = { headers: { authorization: "Bearer granted" } };

  registryTest("Bearer, with a token for Basic credentials", { auth: bearer }, async (registry) => {
    const { status, headers } = await ask(registry, manifestPath("1.4.2"), authorized);
    const challenge = `Bearer realm="${registry.origin}/token",service="embedded-registry",scope="${SCOPE}"`;
    // A token that is known, and was granted for nothing so far.
    assert.deepEqual([status, headers.get("www-authenticate")], [401, `${challenge},error="insufficient_scope"`]);
    for (const [headers, expected] of [
      [{}, 401],
      [{ authorization: WRONG }, 401],
      [{ authorization: BASIC }, 200],
    ]) {
      assert.equal((await ask(registry, `/token?${query}`, { headers })).status, expected);
    }
    assert.equal((await ask(registry, manifestPath("1.4.2"), authorized)).status, 200);
  });

  registryTest("Bearer, with a token for another", { auth: { ...bearer, field: "access_token" } }, async (registry) => {
    const { status, bytes } = await ask(registry, "/token", { method: "POST", body: form });
    assert.deepEqual([status, JSON.parse(bytes)], [200, { access_token: "granted", expires_in: 300 }]);
    assert.equal((await ask(registry, manifestPath("1.4.2"), authorized)).status, 200);
    form.set("refresh_token", "another");
    assert.equal((await ask(registry, "/token", { method: "POST", body: form })).status, 401);
  });

  registryTest(
    "a scope or service of others gets no token",
    { auth: { ...bearer, anonymous: true } },
    async (registry) => {
      for (const wrong of [{ scope: "repository:user/image:pull,push" }, { scope: "" }, { service: "x" }]) {
        const asked = new URLSearchParams({ ...Object.fromEntries(query), ...wrong });
        assert.equal((await ask(registry, `/token?${asked}`)).status, 400);
      }
      assert.equal((await ask(registry, `/token?${query}`)).status, 200);
    },
  );

  for (const hides of [false, true]) {
    const auth = { scheme: "basic", hides, users: [{ ...USER, repositories: ["acme/other"] }] };
    registryTest(`a repository of others is ${hides ? "hidden" : "denied"}`, { auth }, async (registry) => {
      const answer = await ask(registry, manifestPath("1.4.2"), { headers: { authorization: BASIC } });
      assert.deepEqual([answer.status, codeOf(answer)], hides ? [404, "NAME_UNKNOWN"] : [403, "DENIED"]);
    });
  }

  registryTest(
    "challenges by hand, in one header or in several",
    { auth: { scheme: "basic", challenge: ({ scope }) => ["Negotiate", `Bearer scope="${scope}"`] } },
    async (registry) => {
      const { headers } = await ask(registry, manifestPath("1.4.2"));
      assert.equal(headers.get("www-authenticate"), `Negotiate, Bearer scope="${SCOPE}"`);
    },
  );
});

describe("faults", () => {
  registryTest("strike the kind that they wait for", {}, async (registry) => {
    registry.faults.add({ on: "manifest", status: 503, headers: { "retry-after": "1" } });
    assert.equal((await ask(registry, manifestPath("1.4.2"), { method: "HEAD" })).status, 200);
    assert.equal((await ask(registry, manifestPath("1.4.2"))).status, 503);
    assert.equal((await ask(registry, manifestPath("1.4.2"))).status, 200);
    assert.throws(() => registry.faults.add({ on: "mutation", status: 500 }), /a fault waits for ping, head, /);
  });

  registryTest("lie about the digest", {}, async (registry) => {
    const { digest } = DEFAULT_IMAGES["1.4.2"];
    for (const digestHeader of ["wrong", "missing", "malformed"]) {
      registry.faults.add({ on: "manifest", digestHeader });
      const { status, headers, bytes } = await ask(registry, manifestPath("1.4.2"));
      assert.deepEqual([status, digestOf(bytes)], [200, digest]);
      assert.notEqual(headers.get("docker-content-digest"), digest);
    }
    registry.faults.add({ on: "manifest", spoiled: true });
    const { headers, bytes } = await ask(registry, manifestPath("1.4.2"));
    assert.equal(headers.get("docker-content-digest"), digest);
    assert.notEqual(digestOf(bytes), digest);
    assert.deepEqual(JSON.parse(bytes), JSON.parse(DEFAULT_IMAGES["1.4.2"].manifest));
  });

  registryTest("send too much, cut and reset", {}, async (registry) => {
    registry.faults.add({ on: "manifest", oversized: 5_000_000 });
    assert.equal((await ask(registry, manifestPath("1.4.2"))).bytes.length, 5_000_000);
    for (const fault of [{ cut: 20 }, { reset: "after" }]) {
      registry.faults.add({ on: "manifest", ...fault });
      await assert.rejects(ask(registry, manifestPath("1.4.2")));
    }
    assert.deepEqual(registry.faults.left, []);
  });
});

test("options that there are not are refused", LIMITS, async () => {
  await assert.rejects(startRegistry({ tags: {} }), /a registry has no option "tags"/);
  await assert.rejects(startRegistry({ auth: { user: "x" } }), /a registry's auth has no option "user"/);
  await assert.rejects(startPlatform({ registry: { tags: {} } }), /a registry has no option "tags"/);
});

test("a platform has one where that is asked for, and ends it", LIMITS, async () => {
  assert.equal(
    await startPlatform().then(async (platform) => [platform.registry, await platform.close()][0]),
    undefined,
  );
  const platform = await startPlatform({ registry: {} });
  assert.equal((await ask(platform.registry, "/v2/")).status, 200);
  await platform.close();
  await assert.rejects(ask(platform.registry, "/v2/"));
});

describe("skopeo finds its way", { skip: SKIP_REFERENCE }, () => {
  const auth = { scheme: "bearer", anonymous: true };
  for (const tag of ["1.4.2", "1.4.2-index", "1.4.2-docker", "1.4.2-list"]) {
    registryTest(tag, { auth, storage: true }, async ({ host }) => {
      const flags = ["--insecure-policy", "inspect", "--no-tags", "--tls-verify=false", "--override-arch=amd64"];
      const child = spawn("skopeo", [...flags, `docker://${host}/acme/airflow:${tag}`], {
        env: { PATH: process.env.PATH, HOME: "/nonexistent" },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: LIMITS.timeout,
      });
      const output = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"]) {
        child[name].setEncoding("utf8").on("data", (text) => {
          output[name] += text;
        });
      }
      const [code] = await once(child, "close");
      assert.equal(code, 0, output.stderr);
      const { Digest, Architecture, Labels } = JSON.parse(output.stdout);
      assert.deepEqual([Digest, Architecture], [DEFAULT_IMAGES[tag].digest, "amd64"]);
      assert.equal(Labels["io.astronomer.docker.runtime.version"], "12.1.1");
    });
  }
});
