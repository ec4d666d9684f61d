/**
 * Every kind of answer that can come back for the change: its code, its exit code, and whether anything may have been
 * changed. Rows bear the numbers of the table by which a change is sent again. What never was an answer is tested in
 * `transport.test.mjs`.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { staged } from "./run.mjs";

const FIELD = "updateDeploymentImage";
const HTML = "<html><body>Bad Gateway</body></html>";

const graphql = (error, rest = {}) => ({ graphql: { errors: [error], data: null, ...rest } });
const coded = (code, message = "said so", path = [FIELD]) => graphql({ message, path, extensions: { code } });
const later = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();

/** The good answer, changed in one field. */
const echo = (change) => ({
  tamper(answer) {
    Object.assign(answer.data[FIELD], change);
    return answer;
  },
});

/** What the change is answered with, the code that this leads to, and a word of what is said. */
const OPEN = [
  [8, "HTML under 200", { body: HTML }, "HTTP 200 with an HTML page"],
  [8, "an empty body", { body: "" }, "HTTP 200 with an empty body"],
  [8, "no JSON", { body: "OK", type: "text/plain" }, "a body that is no JSON"],
  [8, "{}", { body: {} }, "JSON that is no GraphQL answer"],
  [8, "a list", { body: [] }, "JSON that is no GraphQL answer"],
  [8, "data null without errors", { graphql: { data: null } }, "JSON that is no GraphQL answer"],
  [8, "no errors in an empty list", { graphql: { data: null, errors: [] } }, "JSON that is no GraphQL answer"],
  [8, "the field null without errors", { graphql: { data: { [FIELD]: null } } }, "neither data nor an error"],
  [8, "another field", { graphql: { data: { other: {} } } }, "neither data nor an error"],
  [7, "cut off", { cut: 20 }, "the connection broke"],
  [7, "cut off before the body", { cut: 0 }, "the connection broke"],
  [7, "bad gzip", { gzip: "bad" }, "the connection broke"],
  [7, "oversized", { oversized: 3_000_000, applied: true }, "the answer was longer than 1048576 bytes"],
  [12, "408", { status: 408, body: HTML }, "answered HTTP 408"],
  [12, "500", { status: 500, body: HTML }, "answered HTTP 500"],
  [12, "502", { status: 502, body: HTML }, "answered HTTP 502"],
  [12, "502 as JSON", { status: 502, body: { message: "no upstream" } }, "answered HTTP 502"],
  [12, "503 without Retry-After", { status: 503, body: HTML }, "answered HTTP 503"],
  [12, "504", { status: 504, body: HTML, applied: true }, "answered HTTP 504"],
  [16, "INTERNAL_SERVER_ERROR", coded("INTERNAL_SERVER_ERROR", "boom"), 'answered "boom"'],
  [16, "an unknown code", coded("SOMETHING_NEW", "what?"), 'answered "what?"'],
  [16, "no code", graphql({ message: "hm" }), 'answered "hm"'],
  [
    16,
    "FORBIDDEN beside an open one",
    { graphql: { data: null, errors: [coded("FORBIDDEN").graphql.errors[0], { message: "hm" }] } },
    'answered "hm"',
  ],
  [
    17,
    "an error below the field",
    { graphql: { data: { [FIELD]: null }, errors: [{ message: "no url", path: [FIELD, "urls"] }] } },
    "no url",
  ],
  [17, "another release", echo({ releaseName: "analytics-prod" }), 'answered for the release "analytics-prod"'],
  [17, "no release", echo({ releaseName: null }), "answered for the release null"],
  [
    17,
    "another version",
    echo({ runtimeVersion: "11.3.0" }),
    'answered with runtimeVersion "11.3.0", asked was 12.1.1',
  ],
];

const STOPPED = [
  [
    9,
    "a redirect",
    { status: 302, headers: { location: "https://login.example.com/" } },
    4,
    "NOT_HOUSTON",
    "HTTP 302 with a redirect",
  ],
  [
    9,
    "a redirect with a good body",
    { status: 307, body: { data: { [FIELD]: { id: "x" } } } },
    4,
    "NOT_HOUSTON",
    "a redirect",
  ],
  [9, "404", { status: 404, body: HTML }, 4, "NOT_HOUSTON", "HTTP 404 with an HTML page"],
  [9, "405", { status: 405, body: "" }, 4, "NOT_HOUSTON", "HTTP 405 with an empty body"],
  [10, "401", { status: 401, body: HTML }, 3, "PERMISSION_DENIED", "answered HTTP 401"],
  [
    10,
    "403 as JSON",
    { status: 403, body: { message: "RBAC: access denied" } },
    3,
    "PERMISSION_DENIED",
    "answered HTTP 403",
  ],
  [11, "400 as JSON", { status: 400, body: { message: "bad" } }, 3, "HOUSTON_REFUSED", "answered HTTP 400"],
  [11, "413", { status: 413, body: HTML }, 3, "HOUSTON_REFUSED", "answered HTTP 413"],
  [13, "429", { status: 429, body: HTML }, 4, "RATE_LIMITED", "answered HTTP 429"],
  [
    13,
    "429 with seconds",
    { status: 429, body: "", headers: { "retry-after": "3600" } },
    4,
    "RATE_LIMITED",
    "asks to wait 1 h",
  ],
  [
    13,
    "429 with a date",
    { status: 429, body: "", headers: { "retry-after": later(7200) } },
    4,
    "RATE_LIMITED",
    "asks to wait 1 h 59 min",
  ],
  [
    13,
    "503 with Retry-After",
    { status: 503, body: HTML, headers: { "retry-after": "120" } },
    4,
    "RATE_LIMITED",
    "HTTP 503 and asks to wait 2 min",
  ],
  [
    14,
    "a validation error",
    {
      status: 400,
      graphql: { errors: [{ message: 'Unknown argument "image"', extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] },
    },
    3,
    "API_MISMATCH",
    "does not take the request",
  ],
  [
    14,
    "a parse error without a code",
    { status: 400, graphql: { errors: [{ message: "Syntax Error: oops" }] } },
    3,
    "API_MISMATCH",
    "Syntax Error: oops",
  ],
  [15, "FORBIDDEN", coded("FORBIDDEN"), 3, "PERMISSION_DENIED", 'answered "said so"'],
  [
    15,
    "UNAUTHENTICATED under 401",
    { status: 401, ...coded("UNAUTHENTICATED") },
    3,
    "PERMISSION_DENIED",
    'answered "said so"',
  ],
  [
    15,
    "FORBIDDEN without a path",
    graphql({ message: "no", extensions: { code: "FORBIDDEN" } }),
    3,
    "PERMISSION_DENIED",
    'answered "no"',
  ],
  [
    15,
    "the words without a code",
    graphql({ message: "You do not have the appropriate permissions for that" }),
    3,
    "PERMISSION_DENIED",
    "appropriate",
  ],
  [15, "BAD_USER_INPUT", coded("BAD_USER_INPUT"), 3, "HOUSTON_REFUSED", 'answered "said so"'],
  [
    15,
    "RESOURCE_NOT_FOUND",
    coded("RESOURCE_NOT_FOUND"),
    3,
    "DEPLOYMENT_NOT_FOUND",
    'the release name "analytics-dev"',
  ],
  [
    15,
    "no deployment exists",
    graphql({ message: "No deployment exists with releaseName: analytics-dev" }),
    3,
    "DEPLOYMENT_NOT_FOUND",
    'name "analytics-dev"',
  ],
];

/** Deploys once, with the change answered by a fault. */
async function answered(stage, fault, options = {}) {
  const houston = await stage.houston();
  houston.faults.add({ on: "mutation", ...fault });
  const run = await stage.deploy(houston, { attempts: 1, "platform-version": "0.34.1", ...options });
  const [{ status, change, error, mayHaveArrived }] = run.report.results;
  return { ...run, houston, status, change, error, open: mayHaveArrived.length };
}

describe("an answer after which the outcome is open", () => {
  for (const [row, name, fault, said] of OPEN) {
    staged(`row ${row}: ${name}`, async (stage) => {
      const { code, status, change, error, open, houston, stderr } = await answered(stage, fault);
      const expected = { code: 5, status: "unknown", change: "unknown", error: "OUTCOME_UNKNOWN" };
      assert.deepEqual({ code, status, change, error: error.code }, expected, stderr);
      assert.ok(error.message.includes(said), error.message);
      assert.match(error.hint, /^look at the Deployment's page/);
      // A contradiction is an answer; only sends without one are counted as open.
      assert.deepEqual([open, houston.requests.length], [row === 17 ? 0 : 1, 1]);
    });
  }

  staged("sent again and accepted, it is green with the open send on record", async (stage) => {
    const { code, change, open, houston, report } = await answered(
      stage,
      { status: 504, body: HTML, applied: true },
      { attempts: 2 },
    );
    assert.deepEqual([code, change, open, houston.applied.length], [0, "confirmed", 1, 2]);
    assert.deepEqual(
      report.warnings.map(({ code }) => code),
      ["OUTCOME_UNKNOWN"],
    );
  });

  staged("row 21: a later refusal does not make it certain", async (stage) => {
    const houston = await stage.houston();
    houston.faults.add({ on: "mutation", cut: 5 }, { on: "mutation", ...coded("FORBIDDEN") });
    const { code, report } = await stage.deploy(houston, { "platform-version": "0.34.1" });
    const [{ error, mayHaveArrived, attempts }] = report.results;
    assert.deepEqual([code, error.code, attempts], [5, "OUTCOME_UNKNOWN", 2]);
    assert.deepEqual(mayHaveArrived, [{ attempt: 1, requestId: houston.requests[0].headers["x-request-id"] }]);
    assert.ok(error.message.includes(`send 1 (request ${mayHaveArrived[0].requestId}) may have arrived`));
  });
});

describe("an answer after which nothing was changed", () => {
  for (const [row, name, fault, exit, expected, said] of STOPPED) {
    staged(`row ${row}: ${name}`, async (stage) => {
      const attempts = row === 13 ? 1 : 4;
      const { code, change, error, open, houston, stderr } = await answered(stage, fault, { attempts });
      assert.deepEqual(
        { code, change, error: error.code, open },
        { code: exit, change: "none", error: expected, open: 0 },
        stderr,
      );
      assert.ok(error.message.includes(said), error.message);
      assert.ok(error.hint.length > 20);
      assert.deepEqual([houston.requests.length, houston.applied.length], [1, 0]);
    });
  }

  for (const [name, value] of [
    ["seconds", "1"],
    ["a date", undefined],
  ]) {
    staged(`row 13: waits as long as Retry-After asks, in ${name}, then sends again`, async (stage) => {
      const started = Date.now();
      const until = Math.ceil((started + 1000) / 1000) * 1000;
      const headers = { "retry-after": value ?? new Date(until).toUTCString() };
      const { code, houston, report, stderr } = await answered(
        stage,
        { status: 429, body: "", headers },
        { attempts: 2 },
      );
      assert.deepEqual([code, report.results[0].attempts, houston.applied.length], [0, 2, 1], stderr);
      assert.ok(Date.now() >= (value ? started + 1000 : until));
    });
  }

  staged("row 13: a wait past the deadline is not begun", async (stage) => {
    const headers = { "retry-after": "60" };
    const options = { attempts: 4, timeout: "30s" };
    const { code, error, milliseconds } = await answered(stage, { status: 429, body: "", headers }, options);
    assert.deepEqual([code, error.code], [4, "RATE_LIMITED"]);
    assert.ok(milliseconds < 10_000);
  });

  staged("a good GraphQL answer counts under any status but a redirect's", async (stage) => {
    const shown = { id: "x1", releaseName: "analytics-dev", airflowVersion: null, runtimeVersion: "12.1.1" };
    const { code, report } = await answered(stage, { status: 500, graphql: { data: { [FIELD]: shown } } });
    assert.deepEqual([code, report.results[0].deploymentId], [0, "x1"]);
  });

  staged("an id that could act in a shell is left out", async (stage) => {
    const { code, report } = await answered(stage, echo({ id: "x$(reboot)" }), { workspace: "clworkspace0001" });
    assert.deepEqual([code, report.results[0].deploymentId], [0, null]);
  });
});
