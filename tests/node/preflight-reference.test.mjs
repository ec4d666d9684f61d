/**
 * Looking before sending, in the reference registry, with images that skopeo pushed: what no registry of our own making
 * could prove. Each way in which it lets people in has its turn; what a broken registry does is tested elsewhere.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { DEFAULT_IMAGES, digestOf, index, MEDIA_TYPES } from "../platform/images.mjs";
import { AS_ROBOT, DEPLOYED, lookUp, NO_VERSION, REPOSITORY, ROBOT, refused, USER_NAME, warned } from "./preflight.mjs";
import { SKIP_REFERENCE, startReference } from "./registry/reference.mjs";
import { PASSWORD, staged } from "./run.mjs";

// Without these programs the tests are left out, and say so.
if (SKIP_REFERENCE) console.log(`the tests with the reference registry are left out: ${SKIP_REFERENCE}`);

const TAGS = ["1.4.2", "1.4.2-index", "1.4.2-arm64", "1.4.2-arm64-index", "1.4.2-airflow", "1.4.2-foreign"];
const IMAGES = Object.fromEntries(TAGS.map((tag) => [tag, DEFAULT_IMAGES[tag]]));
const ONE = { "1.4.2": IMAGES["1.4.2"] };

const PUSHER = { name: "pusher", password: "reference-registry-pusher", actions: ["pull", "push"] };
const USERS = [PUSHER, { ...ROBOT, actions: ["pull"] }];
const WRONG = [{ "registry-username": USER_NAME }, { env: { HOUSTON_REGISTRY_PASSWORD: `${PASSWORD}x` } }];

const options = { skip: SKIP_REFERENCE };
const reference = (name, body) => staged(name, body, options);

describe("open", () => {
  reference("every kind of image", async (stage) => {
    const registry = await startReference(stage);
    await registry.push(REPOSITORY, { ...IMAGES, latest: IMAGES["1.4.2"] });
    const rows = [
      ["1.4.2", {}, DEPLOYED],
      ["1.4.2-index", {}, DEPLOYED],
      ["1.4.2", NO_VERSION, DEPLOYED],
      ["1.4.2-airflow", NO_VERSION, DEPLOYED],
      ["1.4.2-foreign", NO_VERSION, refused("VERSION_UNKNOWN")],
      ["1.4.2", { "runtime-version": "11.3.0" }, refused("VERSION_MISMATCH")],
      ["1.4.2-arm64", {}, refused("IMAGE_PLATFORM")],
      ["1.4.2-arm64-index", {}, refused("IMAGE_PLATFORM")],
      ["1.4.2-arm64-index", { platform: "linux/arm64" }, DEPLOYED],
      ["9.9.9", { preflight: "auto" }, refused("IMAGE_NOT_FOUND")],
      ["latest", {}, warned("IMAGE_MOVES")],
    ];
    for (const [tag, deploy, expected] of rows) {
      const { facts, report, stderr } = await lookUp(stage, registry, { tag, ...deploy });
      assert.deepEqual(facts, expected, `${tag}: ${stderr}`);
      if (facts.sent) assert.equal(report.image.digest, (IMAGES[tag] ?? IMAGES["1.4.2"]).digest);
    }
  });

  reference("a repository that is not there", async (stage) => {
    const registry = await startReference(stage);
    const { facts, stderr } = await lookUp(stage, registry, { preflight: "auto" });
    assert.deepEqual(facts, refused("IMAGE_NOT_FOUND"), stderr);
  });

  reference("docker's own kinds", async (stage) => {
    const registry = await startReference(stage);
    const { "1.4.2": amd64, "1.4.2-arm64": arm64 } = IMAGES;
    await registry.push(REPOSITORY, { "1.0": amd64, "1.0-list": index([arm64, amd64]) }, "docker");
    for (const [tag, kind] of [
      ["1.0", "manifest"],
      ["1.0-list", "index"],
    ]) {
      const answer = await fetch(`http://${registry.host}/v2/${REPOSITORY}/manifests/${tag}`, {
        headers: { accept: MEDIA_TYPES.docker[kind] },
      });
      assert.equal(answer.headers.get("content-type"), MEDIA_TYPES.docker[kind]);
      const digest = digestOf(Buffer.from(await answer.arrayBuffer()));
      const { facts, report, stderr } = await lookUp(stage, registry, { tag, ...NO_VERSION });
      assert.deepEqual([facts, report.image.digest], [DEPLOYED, digest], stderr);
    }
  });

  reference("pin", async (stage) => {
    const registry = await startReference(stage);
    await registry.push(REPOSITORY, { "1.4.2-index": IMAGES["1.4.2-index"] });
    const { facts, houston, stderr } = await lookUp(stage, registry, { tag: "1.4.2-index", pin: true });
    const pinned = `${registry.host}/${REPOSITORY}@${IMAGES["1.4.2-index"].digest}`;
    assert.deepEqual([facts, houston.applied[0]?.image], [DEPLOYED, pinned], stderr);
  });
});

for (const auth of ["htpasswd", "token"]) {
  describe(auth, () => {
    reference("with the right password, a wrong one and none", async (stage) => {
      const registry = await startReference(stage, { auth, users: USERS });
      await registry.push(REPOSITORY, ONE);
      const rows = [
        [AS_ROBOT, DEPLOYED],
        [WRONG, refused("REGISTRY_DENIED")],
        [[], refused("REGISTRY_DENIED")],
      ];
      for (const [[user, how], expected] of rows) {
        const { facts, stderr } = await lookUp(stage, registry, user, how);
        assert.deepEqual(facts, expected, stderr);
      }
      const [user, how] = AS_ROBOT;
      const missing = await lookUp(stage, registry, { ...user, tag: "9.9.9", preflight: "auto" }, how);
      assert.deepEqual(missing.facts, refused("IMAGE_NOT_FOUND"), missing.stderr);
    });

    reference("with docker's config file", async (stage) => {
      const registry = await startReference(stage, { auth, users: USERS });
      await registry.push(REPOSITORY, ONE);
      const entry = { auth: Buffer.from(`${USER_NAME}:${PASSWORD}`).toString("base64") };
      stage.file(".docker/config.json", JSON.stringify({ auths: { [registry.host]: entry } }));
      const { facts, stderr } = await lookUp(stage, registry);
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  });
}

describe("token", () => {
  reference("for everybody", async (stage) => {
    const registry = await startReference(stage, { auth: "token", users: USERS, anonymous: [REPOSITORY] });
    await registry.push(REPOSITORY, ONE);
    registry.tokenRequests.length = 0;
    const { facts, stderr } = await lookUp(stage, registry);
    assert.deepEqual(facts, DEPLOYED, stderr);
    const [asked, ...more] = registry.tokenRequests;
    assert.deepEqual([asked.credentials, more.length], [false, 0]);
    const { searchParams } = new URL(asked.path, "http://token.invalid");
    assert.equal(searchParams.get("scope"), `repository:${REPOSITORY}:pull`);
    // Whether it is there at all cannot be told from here.
    const missing = await lookUp(stage, registry, { tag: "9.9.9", preflight: "auto" });
    assert.deepEqual(missing.facts, warned("IMAGE_NOT_FOUND"), missing.stderr);
  });
});

describe("TLS", () => {
  for (const auth of ["open", "htpasswd"]) {
    reference(`${auth}, by a CA of the tests`, async (stage) => {
      const registry = await startReference(stage, { auth, users: auth === "open" ? [] : USERS, tls: true });
      await registry.push(REPOSITORY, ONE);
      const untrusted = await lookUp(stage, registry, ...AS_ROBOT);
      assert.deepEqual(untrusted.facts, refused("TLS_UNTRUSTED", 4), untrusted.stderr);
      const [user, { env }] = AS_ROBOT;
      const how = { env: { ...env, NODE_EXTRA_CA_CERTS: stage.file("ca.pem", registry.ca) } };
      const { facts, stderr } = await lookUp(stage, registry, user, how);
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  }
});
