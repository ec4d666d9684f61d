/**
 * Servers that quote what they were shown, in whatever form, wherever they can say something: none of it is found in
 * the report, in the events of a run, or in any file.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import { deploy } from "houston-deploy";
import { CREDENTIALS, inJavaScript, PLACES } from "./places.mjs";
import { assertNoSecret, formsOf, IMAGE, ISSUED, PASSWORD, PULL, staged, TOKEN } from "./run.mjs";

/** Every form of a secret, as long as a message may be. */
const quoting = (secret) => [...new Set(Object.values(formsOf(secret)))].join(" ").slice(0, 399);

const TEXTS = [
  ["the token", quoting(TOKEN)],
  ["the registry's password", quoting(PASSWORD)],
  ["the token of the registry", quoting(ISSUED)],
  ["the password of the pull secret", quoting(PULL)],
  ["where a message is cut", `${"x".repeat(400 - 20)}${TOKEN}`],
];

/** Whoever hands out what is shown to it again knows it already. */
const OWN = ["registry: the token", "registry: the service of a challenge"];

/** Runs the library with the text at a place, and looks for secrets in all that it leaves. */
async function quoted(stage, prepare, [which, text], index) {
  const prepared = await prepare(stage, text);
  if (!prepared) return 0;
  const pull = { auths: { "r.example.com": { username: "robot", password: PULL } } };
  const files = stage.files(`${index}-`);
  const given = {
    token: TOKEN,
    release: "analytics-dev",
    image: IMAGE,
    "runtime-version": "12.1.1",
    "dockerconfigjson-file": stage.file("dockerconfigjson", JSON.stringify(pull)),
    preflight: "off",
    wait: "off",
    attempts: 1,
    ...CREDENTIALS,
    ...files,
    ...prepared,
  };
  const events = [];
  const how = { env: {}, onEvent: (event) => events.push(event) };
  const report = await deploy(inJavaScript(given), how).catch((error) => error.report);
  assert.equal(report.schema, 1);
  const written = Object.values(files).map((path) => readFileSync(path, "utf8"));
  const left = [JSON.stringify([report, events]), ...written].join("\n");
  assertNoSecret(left, `quoting ${which}: what is left`);
  for (const secret of [TOKEN, PASSWORD, ISSUED, PULL]) {
    const start = JSON.stringify(secret.slice(0, 19)).slice(1, -1);
    assert.ok(!left.includes(start), `quoting ${which}: the start of a secret is left`);
  }
  return 1;
}

describe("a secret that is quoted", () => {
  for (const { name, prepare } of PLACES.filter(({ name }) => !OWN.includes(name))) {
    staged(name, async (stage) => {
      // What a registry issues is known once it has been.
      const issued = name.startsWith("registry") && !name.includes("token server");
      const texts = TEXTS.filter(([, text]) => issued || !text.startsWith(ISSUED));
      const seen = await Promise.all(texts.map((text, index) => quoted(stage, prepare, text, index)));
      assert.ok(seen.includes(1));
    });
  }
});
