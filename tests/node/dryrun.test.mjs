/**
 * The requests themselves, as a dry run shows them: each generation's documents and variables held against that
 * generation's schema by graphql-js, secrets replaced, and nothing changed.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { buildSchema, coerceInputValue, parse, typeFromAST, validate } from "graphql";
import { PASSWORD, ROOT, staged } from "./run.mjs";

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));

const GENERATIONS = [
  { platform: "0.34.1", schema: "0.29", mutation: "updateDeploymentImage" },
  { platform: "1.0.1", schema: "1.0.1", mutation: "updateDeploymentImage" },
  { platform: "2.1.0", schema: "2.1", mutation: "upsertDeployment" },
];

/** Validates a request's document and variables; gives the operation's only field. */
function fieldOf({ query, variables }, schemaName) {
  const schema = buildSchema(
    readFileSync(new URL(`../platform/schema/${schemaName}.graphql`, import.meta.url), "utf8"),
  );
  const document = parse(query);
  assert.deepEqual(validate(schema, document).map(String), []);
  const [operation] = document.definitions;
  const declared = operation.variableDefinitions.map((definition) => definition.variable.name.value);
  assert.deepEqual(Object.keys(variables).sort(), [...declared].sort());
  for (const { variable, type } of operation.variableDefinitions) {
    coerceInputValue(variables[variable.name.value], typeFromAST(schema, type));
  }
  const [field] = operation.selectionSet.selections;
  // Always variables, with the arguments' own names, and never text pasted into the document.
  for (const { name, value } of field.arguments)
    assert.deepEqual([value.kind, value.name.value], ["Variable", name.value]);
  return field;
}

describe("a dry run", () => {
  for (const { platform, schema, mutation } of GENERATIONS) {
    staged(`shows what ${platform} takes`, async (stage) => {
      const houston = await stage.houston({ version: platform });
      const options = { "dry-run": true, "platform-version": platform, workspace: "clworkspace0001" };
      const { code, report } = await stage.deploy(houston, options);
      assert.deepEqual([code, report.status, houston.requests.length], [0, "planned", 0]);
      const [read, change] = report.results[0].requests;
      assert.equal(fieldOf(change.body, schema).name.value, mutation);
      assert.deepEqual(change.body.variables, {
        releaseName: "analytics-dev",
        image: "registry.example.com/acme/airflow:1.4.2",
        runtimeVersion: "12.1.1",
      });
      assert.deepEqual([change.method, change.url], ["POST", houston.url]);
      const headers = { ...change.headers };
      assert.match(headers["x-request-id"], /^[0-9a-f]{32}$/);
      delete headers["x-request-id"];
      assert.deepEqual(headers, {
        authorization: "***",
        "content-type": "application/json",
        accept: "application/json",
        "user-agent": `houston-deploy/${version}`,
      });
      const { query, variables } = read.body;
      assert.deepEqual(variables, { workspaceUuid: "clworkspace0001", releaseName: "analytics-dev" });
      // Optional fields differ between the platforms; those that one lacks are dropped when it says so.
      const known = schema === "0.29" ? query : query.replace("airflowVersion ", "");
      assert.equal(fieldOf({ query: known, variables }, schema).name.value, "workspaceDeployments");
    });
  }

  staged("with an Airflow version, on the platforms that take one", async (stage) => {
    const options = { "runtime-version": undefined, "airflow-version": "2.2.5-4", "platform-version": "1.0.0" };
    const { code, report } = await stage.deploy(await stage.houston(), { "dry-run": true, ...options });
    assert.equal(code, 0);
    const { body } = report.results[0].requests[0];
    assert.equal(fieldOf(body, "0.29").name.value, "updateDeploymentImage");
    assert.equal(body.variables.airflowVersion, "2.2.5-4");
  });

  for (const { platform, schema } of GENERATIONS) {
    staged(`replaces the pull secret (${platform})`, async (stage) => {
      const houston = await stage.houston({ version: platform });
      const file = stage.file(
        "dockerconfigjson",
        JSON.stringify({ auths: { "r.example.com": { password: PASSWORD } } }),
      );
      const options = { "dry-run": true, "platform-version": platform, "dockerconfigjson-file": file };
      const { code, report } = await stage.deploy(houston, options);
      assert.equal(code, 0);
      const { body } = report.results[0].requests[0];
      fieldOf(body, schema);
      assert.equal(body.variables.dockerconfigjson, "***");
    });
  }

  staged("asks for the version alone, and shows text that can be read", async (stage) => {
    const houston = await stage.houston({ version: "2.1.0" });
    const { code, stdout } = await stage.deploy(houston, { "dry-run": true, release: "analytics-dev analytics-prod" });
    assert.deepEqual([code, houston.requests.map(({ operation }) => operation)], [0, ["version"]]);
    for (const release of ["analytics-dev", "analytics-prod"]) {
      assert.ok(stdout.includes(`# ${release}: would send\nPOST ${houston.url}\nauthorization: ***\n`), stdout);
    }
    assert.match(stdout, /\n\n\{"query":"mutation UpsertDeployment\(/);
  });

  staged("replaces a token that was put where another option belongs", async (stage) => {
    const token = "0123456789abcdef0123456789abcdef";
    const options = { "dry-run": true, "platform-version": "2.1.0", workspace: token, output: "json" };
    const { code, stdout, stderr } = await stage.deploy(await stage.houston(), options, {
      env: { HOUSTON_TOKEN: token },
    });
    assert.equal(code, 0);
    assert.ok(!(stdout + stderr + stage.read("report.json")).includes(token), "the token is shown");
  });

  staged("what is sent is what was shown", async (stage) => {
    const houston = await stage.houston({ version: "2.1.0" });
    const planned = await stage.deploy(houston, { "dry-run": true });
    await stage.deploy(houston);
    const shown = planned.report.results[0].requests[0];
    const sent = houston.requests.at(-1);
    assert.deepEqual(sent.body, shown.body);
    for (const [name, value] of Object.entries(shown.headers)) {
      if (!["authorization", "x-request-id"].includes(name)) assert.equal(sent.headers[name], value);
    }
    assert.match(sent.headers["x-request-id"], /^[0-9a-f]{32}$/);
  });
});
