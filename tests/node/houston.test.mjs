/**
 * Real deploys against each generation of Houston: what it is sent it accepts, what it refuses has its own code, and
 * nothing is ever created. The odd answers of broken servers are tested in `answers.test.mjs`.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { userToken } from "../platform/index.mjs";
import { IMAGE, PASSWORD, staged, TOKEN, VIEWER } from "./run.mjs";

const AIRFLOW = { "runtime-version": undefined, "airflow-version": "2.2.5" };
const READ = { workspace: "clworkspace0001" };

const operations = ({ requests }) => requests.map(({ operation }) => operation);
const mutations = ({ applied }) => applied.map(({ mutation }) => mutation);

/** What became of the only release, and what the platform was left with. */
function ended({ code, report }, houston) {
  const [{ status, change, error }] = report.results;
  const { applied, created } = houston;
  return { code, status, change, error: error?.code, applied: applied.length, created: created.length };
}

const DEPLOYED = { code: 0, status: "deployed", change: "confirmed", error: undefined, applied: 1, created: 0 };
const refused = (error) => ({ code: 3, status: "refused", change: "none", error, applied: 0, created: 0 });

describe("each generation accepts what is sent", () => {
  const rows = [
    ["0.29.0", {}, "updateDeploymentImage"],
    ["0.34.1", {}, "updateDeploymentImage"],
    ["0.34.1", AIRFLOW, "updateDeploymentImage"],
    ["1.0.0", AIRFLOW, "updateDeploymentImage"],
    ["1.0.1", {}, "updateDeploymentImage"],
    ["2.0.9", {}, "updateDeploymentImage"],
    ["2.1.0-rc.1", {}, "updateDeploymentImage"],
    ["2.1.0", {}, "upsertDeployment"],
    ["v10.0.0", {}, "upsertDeployment"],
    [null, {}, "updateDeploymentImage"],
    [null, AIRFLOW, "updateDeploymentImage"],
  ];
  for (const [version, options, mutation] of rows) {
    const asked = options === AIRFLOW ? "an Airflow version" : "a Runtime version";
    staged(`${version ?? "an unknown version"}, ${asked}`, async (stage) => {
      const generation = version === "v10.0.0" ? "2.1" : undefined;
      const houston = await stage.houston({ version, generation });
      const run = await stage.deploy(houston, options);
      assert.deepEqual(ended(run, houston), DEPLOYED, run.stderr);
      assert.deepEqual([operations(houston), mutations(houston)], [["version", "mutation"], [mutation]]);
      const { image, runtimeVersion, airflowVersion } = houston.deployments.get("analytics-dev");
      const versions = options === AIRFLOW ? [null, "2.2.5"] : ["12.1.1", null];
      assert.deepEqual([image, runtimeVersion, airflowVersion], [IMAGE, ...versions]);
      const unknown = run.report.warnings.map(({ code }) => code);
      assert.deepEqual(unknown, version === null ? ["API_MISMATCH"] : []);
    });
  }

  for (const version of ["0.34.1", "2.0.9", "2.1.0"]) {
    staged(`${version}, with a pull secret`, async (stage) => {
      const houston = await stage.houston({ version });
      const secret = { auths: { "r.example.com": { username: "robot", password: PASSWORD } } };
      const options = { "dockerconfigjson-file": stage.file("dockerconfigjson", JSON.stringify(secret)) };
      const run = await stage.deploy(houston, options);
      assert.deepEqual(ended(run, houston), DEPLOYED);
      assert.deepEqual(houston.applied[0].dockerconfigjson, secret);
      // Houston must have it, so this one request is not searched for it.
      houston.requests.length = 0;
    });
  }

  staged("platform-version saves the question", async (stage) => {
    const houston = await stage.houston({ version: "2.1.0" });
    const run = await stage.deploy(houston, { "platform-version": "2.1.0" });
    assert.deepEqual(ended(run, houston), DEPLOYED);
    assert.deepEqual(operations(houston), ["mutation"]);
  });
});

describe("the other mutation", () => {
  staged("2.1 without upsertDeployment is sent updateDeploymentImage", async (stage) => {
    const options = { version: "2.1.0", hasUpsertDeployment: false, hasUpdateDeploymentImage: true };
    for (const suggestions of [true, false]) {
      const houston = await stage.houston({ ...options, suggestions });
      const run = await stage.deploy(houston);
      assert.deepEqual(ended(run, houston), DEPLOYED);
      assert.deepEqual(
        [operations(houston), mutations(houston)],
        [["version", "mutation", "mutation"], ["updateDeploymentImage"]],
      );
    }
  });

  staged("2.1 with neither is no platform that this program knows", async (stage) => {
    const houston = await stage.houston({ version: "2.1.0", hasUpsertDeployment: false });
    const run = await stage.deploy(houston);
    assert.deepEqual(ended(run, houston), refused("API_MISMATCH"));
    assert.match(run.stderr, /does not know the mutation updateDeploymentImage/);
    assert.match(run.stderr, /updateDeploymentImageEndpoint\.enabled/);
  });

  for (const version of ["0.34.1", "2.0.9", "2.1.0-rc.1", null]) {
    staged(`upsertDeployment is never sent to ${version ?? "an unknown version"}`, async (stage) => {
      const houston = await stage.houston({ version, endpoint: false });
      const run = await stage.deploy(houston, { release: "analytics-none" });
      assert.equal(run.code, 3);
      assert.ok(!houston.requests.some(({ rawBody }) => rawBody.includes("upsert")));
      assert.deepEqual(houston.created, []);
    });
  }
});

describe("refusals", () => {
  staged("a platform below 0.29", async (stage) => {
    const houston = await stage.houston({ version: "0.28.7" });
    const run = await stage.deploy(houston);
    assert.deepEqual(ended(run, houston), refused("API_MISMATCH"));
    assert.match(run.stderr, /is 0\.28\.7; deploying an image needs 0\.29\.0 or later\nhint: upgrade the platform/);
    assert.deepEqual(operations(houston), ["version"]);
  });

  for (const version of ["1.0.1", "2.1.0"]) {
    staged(`an Airflow version for ${version}`, async (stage) => {
      const houston = await stage.houston({ version });
      const run = await stage.deploy(houston, AIRFLOW);
      assert.deepEqual(ended(run, houston), refused("API_MISMATCH"));
      assert.match(run.stderr, /takes Runtime versions only.*\nhint: set `runtime-version`/);
      assert.deepEqual(operations(houston), ["version"]);
    });
  }

  const settings = [
    ["0.34.1", "deployments.enableUpdateDeploymentImageEndpoint"],
    ["2.0.9", "deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled"],
  ];
  for (const [version, setting] of settings) {
    staged(`the endpoint switched off on ${version}`, async (stage) => {
      const houston = await stage.houston({ version, endpoint: false });
      const run = await stage.deploy(houston);
      assert.deepEqual(ended(run, houston), refused("ENDPOINT_DISABLED"));
      assert.ok(run.stderr.includes(`hint: set astronomer.houston.config.${setting} to true`), run.stderr);
    });
  }

  staged("a release that does not exist", async (stage) => {
    for (const version of ["0.34.1", "2.0.9", "2.1.0"]) {
      const houston = await stage.houston({ version });
      const run = await stage.deploy(houston, { release: "analytics-tset" });
      assert.deepEqual(ended(run, houston), refused("DEPLOYMENT_NOT_FOUND"));
      assert.match(run.stderr, /has no Deployment with the release name "analytics-tset".*\nhint: correct `release`/);
    }
  });

  for (const [name, token] of [
    ["a viewer's", VIEWER],
    ["an unknown", "x".repeat(32)],
    ["a user's unknown", userToken()],
  ]) {
    staged(`${name} token`, async (stage) => {
      const houston = await stage.houston();
      const run = await stage.deploy(houston, {}, { env: { HOUSTON_TOKEN: token } });
      assert.deepEqual(ended(run, houston), refused("PERMISSION_DENIED"));
      assert.match(
        run.stderr,
        /"You do not have the appropriate permissions for that" \(request [0-9a-f]{32}\)\nhint: check/,
      );
      const [, id] = /\(request ([0-9a-f]{32})\)/.exec(run.report.error.message);
      assert.equal(houston.requests.at(-1).headers["x-request-id"], id);
    });
  }

  staged("Houston's own refusal of the input", async (stage) => {
    const houston = await stage.houston();
    const error = {
      message: "Image is not allowed",
      path: ["updateDeploymentImage"],
      extensions: { code: "BAD_USER_INPUT" },
    };
    houston.faults.add({ on: "mutation", graphql: { errors: [error], data: null } });
    const run = await stage.deploy(houston);
    assert.deepEqual(ended(run, houston), refused("HOUSTON_REFUSED"));
    assert.match(run.stderr, /answered "Image is not allowed"/);
  });
});

describe("reading the Deployment before", () => {
  for (const version of ["0.34.1", "1.0.1", "2.1.0"]) {
    staged(`with a workspace, on ${version}`, async (stage) => {
      const houston = await stage.houston({ version });
      const { updatedAt } = { ...houston.deployments.get("analytics-dev") };
      const run = await stage.deploy(houston, READ);
      assert.deepEqual(ended(run, houston), DEPLOYED);
      const [{ before, after, airflowUrl }] = run.report.results;
      assert.deepEqual(before, { version: "11.3.0", updatedAt });
      assert.equal(after.version, "12.1.1");
      assert.equal(airflowUrl, `${houston.origin}/analytics-dev/airflow`);
      assert.match(run.stdout, /11\.3\.0 -> 12\.1\.1/);
      // A platform without one of the optional fields is asked once more, without it.
      const reads = version === "0.34.1" ? ["read"] : ["read", "read"];
      assert.deepEqual(operations(houston), ["version", ...reads, "mutation"]);
    });
  }

  staged("a release unknown in that workspace is not sent", async (stage) => {
    const houston = await stage.houston();
    const run = await stage.deploy(houston, { workspace: "clanother" });
    assert.deepEqual(ended(run, houston), refused("DEPLOYMENT_NOT_FOUND"));
    assert.deepEqual(operations(houston), ["version", "read"]);
  });

  staged("not being allowed to look is a warning", async (stage) => {
    const houston = await stage.houston();
    const denied = {
      message: "You do not have the appropriate permissions for that",
      extensions: { code: "FORBIDDEN" },
    };
    houston.faults.add({ on: "read", graphql: { errors: [denied], data: null } });
    const run = await stage.deploy(houston, READ);
    assert.deepEqual(ended(run, houston), DEPLOYED);
    assert.deepEqual(
      run.report.warnings.map(({ code }) => code),
      ["PERMISSION_DENIED"],
    );
  });

  staged("a rival's change is not overwritten after a send that may have arrived", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", status: 502, body: "<html>", rival: { image: "rival:1" } });
    const run = await stage.deploy(houston, READ);
    const unknown = { code: 5, status: "unknown", change: "unknown", error: "OUTCOME_UNKNOWN", applied: 0, created: 0 };
    assert.deepEqual(ended(run, houston), unknown);
    assert.equal(houston.deployments.get("analytics-dev").image, "rival:1");
    assert.deepEqual(operations(houston), ["version", "read", "mutation", "read"]);
  });

  staged("unmoved, the change is sent again", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", status: 502, body: "<html>" });
    const run = await stage.deploy(houston, READ);
    assert.deepEqual(ended(run, houston), DEPLOYED);
    assert.deepEqual(
      run.report.results[0].mayHaveArrived.map(({ attempt }) => attempt),
      [1],
    );
    assert.deepEqual(run.report.warnings, []);
    assert.equal(houston.requests.at(-1).headers.authorization, TOKEN);
  });
});
