/**
 * The embedded platform held to what is known of Houston, by plain fetch: what each generation takes and refuses, who
 * may do what, and that each fault does what it says. The tool itself has no part in these tests.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import https from "node:https";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ASK_DEPLOYMENT, ASK_VERSION, ask, post, UPDATE, UPDATE_EITHER, UPSERT } from "../platform/client.mjs";
import { SERVICE_KEY, selfSigned, startPlatform, userToken, VIEWER_KEY } from "../platform/index.mjs";

/** Nothing here takes a second; what takes longer hangs, and is to fail. */
const LIMITS = { timeout: 10_000 };

const IMAGE = "registry.example.com/acme/airflow:1.4.2";
const DEV = { releaseName: "analytics-dev", image: IMAGE, runtimeVersion: "12.1.1" };
const FORBIDDEN = "You do not have the appropriate permissions for that";

/** A test with a platform that ends with it. */
function platformTest(name, options, run) {
  test(name, LIMITS, async () => {
    const platform = await startPlatform(options);
    try {
      await run(platform);
    } finally {
      await platform.close();
    }
  });
}

function assertRefused(answer, { status = 200, code, message }) {
  const [error] = answer.errors;
  const { code: actualCode } = error.extensions;
  assert.deepEqual({ status: answer.status, code: actualCode, message: error.message }, { status, code, message });
}

function noMutation(name) {
  return {
    status: 400,
    code: "GRAPHQL_VALIDATION_FAILED",
    message: `Cannot query field "${name}" on type "Mutation".`,
  };
}

describe("generations", () => {
  platformTest("0.29 takes an Airflow or a Runtime version", { version: "1.0.0" }, async (platform) => {
    const { id, createdAt } = platform.deployments.get("analytics-dev");
    const asked = { releaseName: "analytics-dev", image: IMAGE, airflowVersion: "2.2.5" };
    const first = await ask(platform, UPDATE_EITHER, asked);
    assert.deepEqual(first.data.updateDeploymentImage, {
      id,
      releaseName: "analytics-dev",
      airflowVersion: "2.2.5",
      runtimeVersion: null,
    });
    const afterFirst = platform.deployments.get("analytics-dev").updatedAt;
    const second = await ask(platform, UPDATE_EITHER, DEV);
    assert.equal(second.data.updateDeploymentImage.runtimeVersion, "12.1.1");
    const { image, updatedAt, revision } = platform.deployments.get("analytics-dev");
    assert.deepEqual({ image, revision }, { image: IMAGE, revision: 2 });
    assert.equal(new Set([createdAt, afterFirst, updatedAt]).size, 3);
    assert.deepEqual(
      platform.applied.map(({ order, release, mutation }) => ({ order, release, mutation })),
      [1, 2].map((order) => ({ order, release: "analytics-dev", mutation: "updateDeploymentImage" })),
    );
  });

  platformTest("0.29 refuses both versions, and none", {}, async (platform) => {
    for (const versions of [{ airflowVersion: "2.2.5", runtimeVersion: "5.0.6" }, {}]) {
      const answer = await ask(platform, UPDATE_EITHER, { releaseName: "analytics-dev", image: IMAGE, ...versions });
      const message = "Exactly one of airflowVersion and runtimeVersion is required";
      assertRefused(answer, { code: "BAD_USER_INPUT", message });
    }
    assert.deepEqual(platform.applied, []);
  });

  platformTest("1.0.1 knows no Airflow version", { version: "1.0.1" }, async (platform) => {
    const wrong = await ask(platform, UPDATE_EITHER, DEV);
    assert.equal(wrong.status, 400);
    assert.match(wrong.errors[0].message, /^Unknown argument "airflowVersion"/);
    const right = await ask(platform, UPDATE, { ...DEV, dockerconfigjson: { auths: {} } });
    assert.equal(right.data.updateDeploymentImage.runtimeVersion, "12.1.1");
    assert.deepEqual(platform.applied[0].dockerconfigjson, { auths: {} });
  });

  platformTest("2.1 has upsertDeployment alone", { version: "2.1.0", suggestions: false }, async (platform) => {
    assertRefused(await ask(platform, UPDATE, DEV), noMutation("updateDeploymentImage"));
    const answer = await ask(platform, UPSERT, DEV);
    assert.equal(answer.data.upsertDeployment.releaseName, "analytics-dev");
    assert.deepEqual(platform.created, []);
  });

  const fallBack = { version: "2.1.0", hasUpdateDeploymentImage: true, hasUpsertDeployment: false, suggestions: false };
  platformTest("2.1 may have updateDeploymentImage instead", fallBack, async (platform) => {
    assertRefused(await ask(platform, UPSERT, DEV), noMutation("upsertDeployment"));
    assert.equal((await ask(platform, UPDATE, DEV)).status, 200);
  });

  for (const version of ["0.34.1", "2.0.3", "0.28.7"]) {
    const endpoint = version === "0.28.7";
    platformTest(`${version} without the endpoint`, { version, endpoint, suggestions: false }, async (platform) => {
      assertRefused(await ask(platform, UPDATE, DEV), noMutation("updateDeploymentImage"));
    });
  }

  platformTest("a validation error says what may have been meant", { endpoint: false }, async (platform) => {
    const { errors } = await ask(platform, UPDATE, DEV);
    const message =
      'Cannot query field "updateDeploymentImage" on type "Mutation". Did you mean "updateDeployment" or ';
    assert.equal(errors[0].message, `${message}"upsertDeployment"?`);
  });

  test("the version decides the generation", LIMITS, async () => {
    const rows = [
      [null, "0.29"],
      ["0.29.0", "0.29"],
      ["1.0.0", "0.29"],
      ["1.0.1", "1.0.1"],
      ["2.0.9", "1.0.1"],
      ["2.1.0-rc.1", "1.0.1"],
      ["2.1.0", "2.1"],
      ["10.0.0", "2.1"],
    ];
    for (const [version, generation] of rows) {
      const platform = await startPlatform({ version });
      const answer = await ask(platform, ASK_VERSION, {}, { token: null });
      await platform.close();
      assert.deepEqual([answer.data.appConfig.version, platform.generation], [version, generation]);
    }
  });
});

describe("an unknown release", () => {
  const asked = { ...DEV, releaseName: "analytics-tset" };
  const message = "No deployment exists with releaseName: analytics-tset";

  platformTest("is refused by updateDeploymentImage", {}, async (platform) => {
    const answer = await ask(platform, UPDATE, asked);
    assertRefused(answer, { code: "RESOURCE_NOT_FOUND", message });
    assert.equal(answer.data, null);
    assert.deepEqual(answer.errors[0].path, ["updateDeploymentImage"]);
  });

  platformTest("is refused by upsertDeployment from 2.1 on", { version: "2.1.0" }, async (platform) => {
    assertRefused(await ask(platform, UPSERT, asked), { code: "RESOURCE_NOT_FOUND", message });
    assert.deepEqual([platform.created, platform.applied], [[], []]);
  });

  for (const version of ["0.34.1", "2.0.0"]) {
    platformTest(`is created by upsertDeployment of ${version}`, { version }, async (platform) => {
      await ask(platform, UPSERT, asked);
      assert.deepEqual(
        platform.created.map(({ releaseName }) => releaseName),
        ["analytics-tset"],
      );
    });
  }
});

describe("permissions", () => {
  const EXPIRED = userToken({ exp: 1_700_000_000 });
  const VALID = userToken();
  const ONE = "embeddedhoustononeservicekey0001";
  const tokens = [
    { value: SERVICE_KEY, kind: "service", role: "editor" },
    { value: VIEWER_KEY, kind: "service", role: "viewer" },
    { value: ONE, kind: "service", role: "editor", deployments: ["analytics-prod"] },
    { value: EXPIRED, kind: "user", role: "editor" },
    { value: VALID, kind: "user", role: "editor" },
  ];

  platformTest("all lacks of rights get the same answer", { tokens }, async (platform) => {
    for (const token of [null, "unknown", VIEWER_KEY, ONE, EXPIRED, `Bearer ${SERVICE_KEY}`]) {
      const answer = await ask(platform, UPDATE, DEV, { token });
      assertRefused(answer, { code: "FORBIDDEN", message: FORBIDDEN });
      assert.equal(answer.data, null);
      assert.deepEqual(answer.errors[0].path, ["updateDeploymentImage"]);
      assert.equal(answer.errors[0].extensions.stacktrace, undefined);
    }
    assert.deepEqual(platform.applied, []);
  });

  platformTest("a user's token and a limited one deploy", { tokens }, async (platform) => {
    assert.equal((await ask(platform, UPDATE, DEV, { token: VALID })).errors, undefined);
    const prod = { ...DEV, releaseName: "analytics-prod" };
    assert.equal((await ask(platform, UPDATE, prod, { token: ONE })).errors, undefined);
    assert.equal(platform.applied.length, 2);
  });

  platformTest("a Deployment is read by name and by id", { tokens }, async (platform) => {
    const variables = { workspaceUuid: "clworkspace0001", releaseName: "analytics-dev" };
    const { data } = await ask(platform, ASK_DEPLOYMENT, variables, { token: VIEWER_KEY });
    const [{ id, releaseName, updatedAt }] = data.workspaceDeployments;
    assert.deepEqual([releaseName, updatedAt], ["analytics-dev", platform.deployments.get("analytics-dev").updatedAt]);

    const byId = "query ($id: String!) { deployment(where: {id: $id}) { releaseName urls { type url } } }";
    const answer = await ask(platform, byId, { id });
    const url = `${platform.origin}/analytics-dev/airflow`;
    assert.deepEqual(answer.data.deployment, { releaseName: "analytics-dev", urls: [{ type: "airflow", url }] });
    assertRefused(await ask(platform, byId, { id }, { token: ONE }), { code: "FORBIDDEN", message: FORBIDDEN });

    const elsewhere = await ask(platform, ASK_DEPLOYMENT, { ...variables, workspaceUuid: "clother" });
    assert.deepEqual(elsewhere.data.workspaceDeployments, []);
  });
});

describe("faults", () => {
  const deployDev = (platform, options) => ask(platform, UPDATE, DEV, options);
  const causeOf = async (request) => {
    const error = await request.then(
      () => assert.fail("an answer came"),
      (error) => error,
    );
    return error.cause?.code ?? error.name;
  };

  platformTest("an answer by hand is not applied, unless it says so", {}, async (platform) => {
    const page = { status: 502, body: "<html>Bad Gateway</html>" };
    platform.faults.add({ on: "mutation", ...page }, { on: "mutation", ...page, applied: true });
    for (const applied of [0, 1]) {
      const response = await post(platform, UPDATE, DEV);
      assert.deepEqual([response.status, response.headers.get("content-type")], [502, "text/html"]);
      assert.equal(await response.text(), page.body);
      assert.equal(platform.applied.length, applied);
    }
    assert.equal((await deployDev(platform)).status, 200);
  });

  platformTest("headers, an object as body, and GraphQL by hand", {}, async (platform) => {
    platform.faults.add(
      { status: 429, headers: { "retry-after": "1" }, body: {} },
      { graphql: { errors: [{ message: "boom", extensions: { code: "INTERNAL_SERVER_ERROR" } }], data: null } },
    );
    const limited = await deployDev(platform);
    assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "1"]);
    const failed = await deployDev(platform);
    assert.deepEqual([failed.status, failed.errors[0].message, failed.data], [200, "boom", null]);
    assert.deepEqual(platform.applied, []);
  });

  platformTest("each waits for its kind of request, in order", {}, async (platform) => {
    platform.faults.add({ on: "read", status: 503, body: {} }, { on: "mutation", times: 2, status: 504, body: {} });
    assert.equal((await ask(platform, ASK_VERSION)).status, 200);
    assert.equal((await deployDev(platform)).status, 504);
    assert.equal(platform.faults.left.length, 2);
    assert.equal((await ask(platform, ASK_DEPLOYMENT, { workspaceUuid: "clworkspace0001" })).status, 503);
    assert.equal((await deployDev(platform)).status, 504);
    assert.equal(platform.faults.left.length, 0);
    assert.equal((await deployDev(platform)).status, 200);
    assert.deepEqual(
      platform.requests.map(({ operation }) => operation),
      ["version", "mutation", "read", "mutation", "mutation"],
    );
  });

  platformTest("a reset before and after", {}, async (platform) => {
    for (const [reset, applied] of Object.entries({ before: 0, after: 1 })) {
      platform.faults.add({ reset });
      assert.equal(await causeOf(deployDev(platform)), "ECONNRESET");
      assert.equal(platform.applied.length, applied);
    }
  });

  /** Waits for the platform to have read a request, and no clock. */
  const arrival = async ({ requests }) => {
    const before = requests.length;
    while (requests.length === before) await new Promise(setImmediate);
  };

  platformTest("a hanging answer, not applied and applied", {}, async (platform) => {
    for (const [hang, applied] of [
      [true, 0],
      ["after", 1],
    ]) {
      platform.faults.add({ hang });
      const client = new AbortController();
      const cause = causeOf(deployDev(platform, { signal: client.signal }));
      await arrival(platform);
      await platform.drained();
      client.abort();
      assert.equal(await cause, "AbortError");
      assert.equal(platform.applied.length, applied);
    }
  });

  platformTest("a delayed request is carried out though nobody waits", {}, async (platform) => {
    platform.faults.add({ delay: 200 });
    const client = new AbortController();
    const cause = causeOf(deployDev(platform, { signal: client.signal }));
    await arrival(platform);
    client.abort();
    assert.equal(await cause, "AbortError");
    assert.equal(platform.applied.length, 0);
    await platform.drained();
    assert.equal(platform.applied.length, 1);
  });

  platformTest("a cut answer, bad gzip", {}, async (platform) => {
    for (const fault of [{ cut: 0 }, { cut: 10 }, { gzip: "bad" }]) {
      platform.faults.add(fault);
      const cause = await causeOf(deployDev(platform));
      assert.equal(cause, fault.gzip ? "Z_DATA_ERROR" : "UND_ERR_SOCKET");
    }
    assert.equal(platform.applied.length, 3);
  });

  platformTest("an oversized body", {}, async (platform) => {
    platform.faults.add({ oversized: 3_000_001 });
    const response = await fetch(platform.url);
    assert.equal((await response.arrayBuffer()).byteLength, 3_000_001);
    platform.faults.add({ oversized: 1e12 });
    const endless = await fetch(platform.url);
    await endless.body.cancel();
  });

  platformTest("a rival, alone and with another fault", {}, async (platform) => {
    const before = platform.deployments.get("analytics-dev").updatedAt;
    platform.faults.add({ rival: { image: "rival:1" }, reset: "before" });
    assert.equal(await causeOf(deployDev(platform)), "ECONNRESET");
    const { image, updatedAt } = platform.deployments.get("analytics-dev");
    assert.equal(image, "rival:1");
    assert.notEqual(updatedAt, before);
    platform.faults.add({ rival: {} });
    await deployDev(platform);
    assert.equal(platform.deployments.get("analytics-dev").image, IMAGE);
    assert.deepEqual(
      [platform.rivals.map(({ order }) => order), platform.applied.map(({ order }) => order)],
      [[1, 2], [3]],
    );
  });

  platformTest("a tampered answer", {}, async (platform) => {
    platform.faults.add({
      tamper(answer) {
        answer.data.updateDeploymentImage.releaseName = "analytics-prod";
        return answer;
      },
    });
    const { data } = await deployDev(platform);
    assert.equal(data.updateDeploymentImage.releaseName, "analytics-prod");
    assert.equal(platform.applied[0].release, "analytics-dev");
  });

  platformTest("a fault that cannot be is refused at once", {}, async (platform) => {
    assert.throws(() => platform.faults.add({ staus: 500 }), /a fault has no "staus"/);
    assert.throws(() => platform.faults.add({ on: "reads" }), /not for "reads"/);
    assert.throws(() => platform.faults.add({ hang: true, reset: "after" }), /reset and hang at once/);
    await assert.rejects(startPlatform({ verison: "1.0.0" }), /no option "verison"/);
  });
});

describe("the socket", () => {
  platformTest("only /v1 is Houston, and requests are on record", {}, async (platform) => {
    const response = await fetch(`${platform.origin}/elsewhere`);
    assert.deepEqual([response.status, response.headers.get("content-type")], [404, "text/html"]);
    await response.text();
    await ask(platform, ASK_VERSION);
    const [{ method, path, body }, second] = platform.requests;
    assert.deepEqual({ method, path, body }, { method: "GET", path: "/elsewhere", body: null });
    assert.equal(second.headers.authorization, SERVICE_KEY);
    assert.deepEqual(JSON.parse(second.rawBody), second.body);
  });

  platformTest("no landing page, and a body that is no JSON is refused", {}, async (platform) => {
    const page = await fetch(platform.url, { headers: { accept: "text/html" } });
    assert.equal(page.status, 400);
    await page.text();
    const headers = { "content-type": "application/json" };
    const broken = await fetch(platform.url, { method: "POST", headers, body: "{" });
    assert.equal(broken.status, 400);
    await broken.text();
  });

  const tls = selfSigned();
  platformTest("TLS, with resets as over plain HTTP", { tls }, async (platform) => {
    const send = (options) =>
      new Promise((resolve, reject) => {
        const headers = { "content-type": "application/json", authorization: SERVICE_KEY };
        const request = https.request(
          platform.url,
          { method: "POST", headers, timeout: 5000, ...options },
          (response) => {
            response.resume().on("end", () => resolve(response.statusCode));
          },
        );
        request.on("error", reject);
        request.end(JSON.stringify({ query: UPDATE, variables: DEV }));
      });
    assert.equal(await send({ ca: tls.cert }), 200);
    assert.equal(await send({ ca: tls.cert, servername: "localhost" }), 200);
    await assert.rejects(send(), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await assert.rejects(send({ ca: tls.cert, servername: "houston" }), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    platform.faults.add({ reset: "after" });
    await assert.rejects(send({ ca: tls.cert }), { code: "ECONNRESET" });
    assert.equal(platform.applied.length, 3);
  });

  test("close ends requests that hang or are delayed", LIMITS, async () => {
    const platform = await startPlatform();
    platform.faults.add({ hang: true }, { delay: 60_000 }, { oversized: 1e12 });
    const bodies = [1, 2, 3].map(() => ask(platform, UPDATE, DEV).catch((error) => error));
    while (platform.faults.left.length > 0) await new Promise(setImmediate);
    await platform.close();
    for (const error of await Promise.all(bodies)) assert.ok(error instanceof TypeError, String(error));
    await assert.rejects(fetch(platform.url), { name: "TypeError" });
    assert.deepEqual(platform.applied, []);
    await platform.close();
  });

  test("it runs as a process of its own", LIMITS, async () => {
    const main = fileURLToPath(new URL("../platform/main.mjs", import.meta.url));
    const flags = ["--version", "1.0.1", "--endpoint", "off", "--until-stdin-closes"];
    const platform = spawn(process.execPath, [main, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [line] = await once(createInterface({ input: platform.stdout }), "line");
      const { url } = JSON.parse(line);
      assert.equal((await ask({ url }, ASK_VERSION)).data.appConfig.version, "1.0.1");
      assert.equal((await ask({ url }, UPDATE, DEV)).status, 400);
      platform.stdin.end();
      const [code] = await once(platform, "exit");
      assert.equal(code, 0);
    } finally {
      platform.kill("SIGKILL");
    }
  });
});
