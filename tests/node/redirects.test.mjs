/**
 * Redirects to another origin: whatever they promise, nothing is sent there, since it would be sent with a token.
 */

import assert from "node:assert/strict";
import http from "node:http";
import { describe } from "node:test";
import { staged } from "./run.mjs";

/** Another origin, which would answer as Houston does, and counts who comes. */
async function elsewhere(stage) {
  const seen = { requests: 0 };
  const server = http.createServer((_, response) => {
    seen.requests += 1;
    response.writeHead(200, { "content-type": "application/json" }).end('{"data":{"appConfig":{"version":"0.34.1"}}}');
  });
  return { url: `http://127.0.0.1:${await stage.listen(server)}`, seen };
}

const WATCHED = { workspace: "clworkspace0001", "poll-interval": "100ms", "stable-for": "300ms", timeout: "3s" };

describe("a redirect to another origin is not followed", () => {
  for (const status of [302, 303, 308]) {
    for (const on of ["version", "read", "mutation"]) {
      staged(`${status}, for the ${on}`, async (stage) => {
        const other = await elsewhere(stage);
        const houston = await stage.houston();
        houston.faults.add({ on, times: Infinity, status, headers: { location: `${other.url}/v1` }, body: "" });
        const { code, report, stderr } = await stage.deploy(houston, { workspace: WATCHED.workspace });
        const codes = [report.error?.code, ...report.warnings.map((warning) => warning.code)].filter(Boolean);
        assert.deepEqual([code, codes], [4, ["NOT_HOUSTON"]], stderr);
        assert.match(stderr, /^hint: /m);
        assert.equal(houston.requests.filter(({ operation }) => operation === on).length, 1);
        assert.deepEqual([other.seen.requests, houston.applied.length], [0, 0]);
      });
    }

    for (const wait of ["auto", "require"]) {
      staged(`${status}, for an Airflow, ${wait}`, async (stage) => {
        const other = await elsewhere(stage);
        const houston = await stage.houston({ airflow: { speed: 60 } });
        houston.faults.add({ on: "airflow", times: Infinity, status, headers: { location: other.url }, body: "" });
        const { code, report, stderr } = await stage.deploy(houston, { ...WATCHED, wait });
        const codes = [report.error?.code, ...report.warnings.map((warning) => warning.code)].filter(Boolean);
        assert.deepEqual([code, codes], [wait === "auto" ? 0 : 6, ["WAIT_IMPOSSIBLE"]], stderr);
        assert.equal(other.seen.requests, 0);
      });
    }
  }
});

describe("an Airflow where the token may not go is asked without it", () => {
  const places = [
    ["at another host", (port) => `http://localhost:${port}/analytics-dev/airflow`, 0],
    ["under another release's path", (port) => `http://127.0.0.1:${port}/analytics-prod/airflow`, 0],
    ["that leads up again", (port) => `http://127.0.0.1:${port}/analytics-dev/../analytics-prod/airflow`, 0],
    ["with a user in its address", (port) => `http://127.0.0.1@localhost:${port}/analytics-dev/airflow`, 0],
    // By its host name and path it is Houston's own: the port does not count.
    ["but at another port it is asked with it", (port) => `http://127.0.0.1:${port}/analytics-dev/airflow`, 1],
  ];
  for (const [name, urlOf, shown] of places) {
    staged(name, async (stage) => {
      const seen = [];
      const server = http.createServer(({ url, headers }, response) => {
        seen.push({ url, token: headers.authorization });
        response.writeHead(403).end();
      });
      const port = await stage.listen(server);
      const houston = await stage.houston();
      const tamper = (answer) => {
        const found = answer.data.workspaceDeployments?.[0] ?? answer.data.deployment;
        found.urls = [{ type: "airflow", url: urlOf(port) }];
        return answer;
      };
      houston.faults.add({ on: "read", times: Infinity, tamper });
      const { code, report, stderr } = await stage.deploy(houston, { ...WATCHED, wait: "auto" });
      assert.deepEqual([code, report.warnings.map((warning) => warning.code)], [0, ["WAIT_IMPOSSIBLE"]], stderr);
      assert.equal(
        seen.some(({ token }) => token),
        Boolean(shown),
      );
    });
  }
});
