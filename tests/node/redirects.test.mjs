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
