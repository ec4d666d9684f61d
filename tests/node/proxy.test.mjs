/**
 * The way through a proxy: on Node 24 it is taken for Houston and never for this machine, and on Node 20 the hint says
 * why it was not. Houston has a name here that only the proxy knows.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { selfSigned } from "../platform/index.mjs";
import { REPOSITORY, ROBOT } from "./preflight.mjs";
import { NODE20, NODE24, PASSWORD, SKIP_WITHOUT_20, SKIP_WITHOUT_24, staged } from "./run.mjs";
import { closedPort, HOST, startProxy } from "./servers.mjs";

/** A name of a registry that exists behind the proxy alone. */
const REGISTRY = "registry.astro.test";

const CHANGE = { "platform-version": "0.34.1" };

/** Deploys on Node 24 to Houston behind a proxy; its certificate is for the name that the proxy knows. */
async function through(stage, { statuses, options, user = "", variable = "HTTPS_PROXY" } = {}) {
  const tls = selfSigned({ names: [HOST], addresses: [] });
  const houston = await stage.houston({ tls });
  const proxy = await startProxy(stage, { to: houston.port, statuses });
  const env = { [variable]: `http://${user}127.0.0.1:${proxy.port}` };
  const given = { ...CHANGE, "houston-url": undefined, "base-domain": HOST.replace("houston.", "") };
  const ca = { "ca-cert": stage.file("ca.pem", tls.cert) };
  const run = await stage.deploy(undefined, { ...given, ...ca, ...options }, { node: NODE24, env });
  return { ...run, houston, ...proxy.seen };
}

const needs24 = { skip: SKIP_WITHOUT_24 };

describe("a proxy, on Node 24", () => {
  for (const variable of ["HTTPS_PROXY", "https_proxy"]) {
    staged(
      `named by ${variable} is used`,
      async (stage) => {
        const { code, houston, connects, requests, stderr } = await through(stage, { variable });
        assert.equal(code, 0, stderr);
        assert.deepEqual([connects, requests, houston.applied.length], [[`${HOST}:443`], 0, 1]);
      },
      needs24,
    );
  }

  staged(
    "with a password gets it, and nobody else does",
    async (stage) => {
      const user = `robot:${encodeURIComponent(PASSWORD)}@`;
      const { code, passwords, houston, stderr } = await through(stage, { user, options: { debug: true } });
      assert.equal(code, 0, stderr);
      assert.deepEqual(passwords, [`Basic ${Buffer.from(`robot:${PASSWORD}`).toString("base64")}`]);
      assert.ok(!JSON.stringify(houston.requests).includes("proxy-authorization"));
    },
    needs24,
  );

  staged(
    "that refuses ends it at once, with the password unseen",
    async (stage) => {
      const user = `robot:${encodeURIComponent(PASSWORD)}@`;
      for (const status of [403, 407]) {
        const { code, report, connects, stderr } = await through(stage, { user, statuses: [status, status, status] });
        const [{ change, attempts, error }] = report.results;
        assert.deepEqual([code, change, attempts, connects.length], [4, "none", 1, 1], stderr);
        assert.equal(error.code, "HOUSTON_UNREACHABLE");
        assert.ok(error.message.includes(`the proxy answered CONNECT with HTTP ${status}`), error.message);
        assert.match(error.hint, /NO_PROXY/);
      }
    },
    needs24,
  );

  staged(
    "in trouble is tried again",
    async (stage) => {
      const { code, report, connects, houston, stderr } = await through(stage, { statuses: [502] });
      const [{ attempts, mayHaveArrived }] = report.results;
      assert.deepEqual([code, attempts, mayHaveArrived, connects.length], [0, 2, [], 2], stderr);
      assert.equal(houston.applied.length, 1);
      assert.match(stderr, /the proxy answered CONNECT with HTTP 502/);
    },
    needs24,
  );

  staged(
    "that stays in trouble leaves nothing changed",
    async (stage) => {
      const { code, report, connects } = await through(stage, { statuses: [503, 503], options: { attempts: 2 } });
      const [{ change, error }] = report.results;
      assert.deepEqual([code, change, error.code, connects.length], [4, "none", "HOUSTON_UNREACHABLE", 2]);
    },
    needs24,
  );

  for (const variables of [
    ["HTTP_PROXY", "HTTPS_PROXY"],
    ["http_proxy", "https_proxy", "NO_PROXY"],
    ["HTTP_PROXY", "no_proxy"],
  ]) {
    staged(
      `is never for this machine (${variables.join(", ")})`,
      async (stage) => {
        const proxy = await startProxy(stage, { to: await closedPort() });
        const address = (name) => (/no_proxy/i.test(name) ? "other.example.com" : `http://127.0.0.1:${proxy.port}`);
        const env = Object.fromEntries(variables.map((name) => [name, address(name)]));
        const houston = await stage.houston();
        for (const host of ["127.0.0.1", "localhost"]) {
          const platform = { url: houston.url.replace("127.0.0.1", host) };
          const { code, stderr } = await stage.deploy(platform, {}, { node: NODE24, env });
          assert.equal(code, 0, stderr);
        }
        const unused = { url: `http://127.9.8.7:${await closedPort()}/v1` };
        const { code } = await stage.deploy(unused, { ...CHANGE, attempts: 1 }, { node: NODE24, env });
        assert.equal(code, 4);
        assert.deepEqual([proxy.seen.connects, proxy.seen.requests], [[], 0]);
      },
      needs24,
    );
  }
});

/** Deploys an image of a registry that, like Houston, has a name that only the proxy knows. */
async function lookedUp(stage, { statuses, env, to }) {
  const tls = selfSigned({ names: [HOST, REGISTRY], addresses: [] });
  const registry = await stage.registry({ tls, auth: { scheme: "basic", users: [ROBOT] } });
  const proxy = await startProxy(stage, { to: to ?? registry.port, statuses });
  const houston = await stage.houston();
  const user = `robot:${encodeURIComponent(PASSWORD)}@`;
  const options = {
    image: `${REGISTRY}/${REPOSITORY}:1.4.2`,
    preflight: "require",
    attempts: 1,
    "ca-cert": stage.file("ca.pem", tls.cert),
    "registry-username": ROBOT.name,
  };
  const variables = {
    HTTPS_PROXY: `http://${user}127.0.0.1:${proxy.port}`,
    HOUSTON_REGISTRY_PASSWORD: PASSWORD,
    ...env,
  };
  const run = await stage.deploy(houston, options, { node: NODE24, env: variables });
  return { ...run, houston, registry, ...proxy.seen };
}

describe("a proxy without an address, on Node 24", () => {
  for (const address of [`robot:${PASSWORD}@proxy.example.com:3128`, "127.0.0.1:3128", `http://robot:${PASSWORD}@`]) {
    staged(
      `is wrong input, and not shown: ${address.replace(PASSWORD, "…")}`,
      async (stage) => {
        const houston = await stage.houston();
        const env = { HTTPS_PROXY: address };
        const { code, stderr, report } = await stage.deploy(houston, CHANGE, { node: NODE24, env });
        assert.deepEqual([code, report.error.problems.map(({ option }) => option)], [2, ["proxy"]], stderr);
        assert.match(
          stderr,
          /^error\[INPUT_INVALID\]: proxy: HTTPS_PROXY or HTTP_PROXY is no address of a proxy\nhint: /,
        );
        const action = await stage.action(houston, {}, { env });
        assert.equal(action.code, 2, action.stderr);
        assert.match(stage.read("github-output"), /^status<<.*\nrefused\n/);
      },
      needs24,
    );
  }
});

describe("a proxy before the registry, on Node 24", () => {
  staged(
    "is gone through, with its own password and the registry's each in its place",
    async (stage) => {
      const { code, connects, passwords, registry, stderr } = await lookedUp(stage, {});
      assert.equal(code, 0, stderr);
      assert.deepEqual([...new Set(connects)], [`${REGISTRY}:443`]);
      assert.deepEqual([...new Set(passwords)], [`Basic ${Buffer.from(`robot:${PASSWORD}`).toString("base64")}`]);
      assert.ok(registry.requests.every(({ headers }) => !("proxy-authorization" in headers)));
      assert.ok(registry.requests.some(({ credentials }) => credentials === "basic"));
    },
    needs24,
  );

  staged(
    "that answers 403 with a page ends the look-up, and nothing is sent",
    async (stage) => {
      const { code, report, connects, houston, stderr } = await lookedUp(stage, { statuses: [403, 403] });
      assert.deepEqual([code, report.error.code, connects.length], [4, "REGISTRY_UNREACHABLE", 1], stderr);
      assert.match(report.error.message, /the proxy answered CONNECT with HTTP 403/);
      assert.match(stderr, /^hint: /m);
      assert.equal(houston.applied.length, 0);
    },
    needs24,
  );

  for (const [name, direct] of [
    ["NO_PROXY", `x.test,${REGISTRY}`],
    ["no_proxy", `x.test,${REGISTRY}`],
    ["NO_PROXY", "*"],
    ["no_proxy", "*"],
  ]) {
    staged(
      `is left out for what ${name} names: ${direct}`,
      async (stage) => {
        // Its name means nothing without the proxy.
        const { code, report, connects, stderr } = await lookedUp(stage, { env: { [name]: direct } });
        assert.deepEqual([code, report.error.code, connects], [4, "REGISTRY_UNREACHABLE", []], stderr);
      },
      needs24,
    );
  }
});

describe("a proxy, on Node 20", () => {
  staged(
    "is named in the hint, since it was not used",
    async (stage) => {
      const proxy = await startProxy(stage, { to: await closedPort() });
      const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
      const platform = { url: `https://127.0.0.1:${await closedPort()}/v1` };
      const { code, stderr } = await stage.deploy(platform, { ...CHANGE, attempts: 1 }, { node: NODE20, env });
      assert.equal(code, 4);
      assert.match(stderr, /^hint: start Node with NODE_USE_ENV_PROXY=1/m);
      assert.deepEqual(proxy.seen.connects, []);
    },
    { skip: SKIP_WITHOUT_20 },
  );

  staged(
    "that is not set is not named",
    async (stage) => {
      const platform = { url: `https://127.0.0.1:${await closedPort()}/v1` };
      const { stderr } = await stage.deploy(platform, { ...CHANGE, attempts: 1 }, { node: NODE20 });
      assert.doesNotMatch(stderr, /NODE_USE_ENV_PROXY/);
    },
    { skip: SKIP_WITHOUT_20 },
  );
});
