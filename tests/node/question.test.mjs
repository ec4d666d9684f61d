/**
 * The question for the platform's version, which comes before every change: what it can be answered with, when it is
 * asked again, and when the deploy goes on without it.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { staged } from "./run.mjs";

const HTML = "<html><body>Bad Gateway</body></html>";

describe("the question for the version", () => {
  const rows = [
    ["HTML under 200", { body: HTML }, 4, "NOT_HOUSTON"],
    ["a redirect", { status: 302, headers: { location: "/login" } }, 4, "NOT_HOUSTON"],
    ["404", { status: 404, body: HTML }, 4, "NOT_HOUSTON"],
    ["401", { status: 401, body: HTML }, 3, "PERMISSION_DENIED"],
    ["502", { status: 502, body: HTML }, 4, "HOUSTON_FAILED"],
    ["cut off", { cut: 5 }, 4, "HOUSTON_UNREACHABLE"],
    ["oversized", { oversized: 3_000_000 }, 4, "HOUSTON_UNREACHABLE"],
    ["429", { status: 429, body: "" }, 4, "RATE_LIMITED"],
  ];
  for (const [name, fault, exit, expected] of rows) {
    staged(`${name}: ${expected}`, async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "version", ...fault });
      const { code, report } = await stage.deploy(houston, { attempts: 1 });
      const [{ change, error }] = report.results;
      assert.deepEqual([code, change, error.code, houston.requests.length], [exit, "none", expected, 1]);
    });
  }

  staged("is asked again", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "version", status: 502, body: HTML }, { on: "version", body: HTML });
    const { code } = await stage.deploy(houston, { attempts: 3 });
    assert.deepEqual([code, houston.requests.length, houston.applied.length], [0, 4, 1]);
  });

  staged("a Houston that does not know it, or refuses it, is taken as of unknown version", async (stage) => {
    const unknown = {
      message: 'Cannot query field "appConfig" on type "Query".',
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
    };
    const refused = { message: "no", path: ["appConfig"], extensions: { code: "FORBIDDEN" } };
    const faults = [{ status: 400, graphql: { errors: [unknown] } }, { graphql: { errors: [refused], data: null } }];
    for (const fault of faults) {
      const houston = await stage.houston();
      houston.faults.add({ on: "version", ...fault });
      const { code, report } = await stage.deploy(houston);
      assert.deepEqual([code, report.houston.version, report.warnings[0].code], [0, null, "API_MISMATCH"]);
    }
  });
});
