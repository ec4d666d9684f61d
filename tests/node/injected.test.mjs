/**
 * Servers that say what would act, wherever they can say something: nothing of it becomes a command, another output,
 * markup, another test case, another variable or another line. Every form of the result is read by the rules of whoever
 * reads it.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { deploy } from "houston-deploy";
import { parse } from "yaml";
import { readLog, readOutputs } from "./github.mjs";
import { CREDENTIALS, inJavaScript, PLACES } from "./places.mjs";
import { USER_NAME } from "./preflight.mjs";
import { IMAGE, PASSWORD, ROOT, SKIP_WITHOUT_24, staged, TOKEN } from "./run.mjs";

/** Each has one of these words in what would act; outside of a code span they have no business in a page. */
const MARKS = /evil|forged|pwned/;

const HOSTILE = [
  "oops\n::set-output name=status::forged\n::error::forged\r\n::add-mask::analytics\r::notice::forged",
  "::error::forged",
  "a ##[error]forged #\u200b#[group]forged ##[command]forged %0A::set-env name=PATH::/forged%0D%0a##[add-path]/forged",
  "end_of_output_0\nstatus<<x\nforged\nx\nverified=forged\nEOF\nHOUSTON_STATUS=forged\n\nFORGED=1",
  "\x1b]0;title\x07\x1b[2K\u202eforged\u2066\u200f::error:: \x00\x08\x7f\x9b31m\u061c\ufeff\u2028::error::forged\u2029\u0085::warning::forged\v::x::y\f",
  ']]><!-- --><![CDATA[x]]></failure></testcase><testcase name="forged"/><x a=\'&evil;&amp;&#0;"> &#x1b; \ufffe\uffff \ud800',
  "`forged` ``forged`` | forged | x |\n| --- |\n# forged\n\n[forged](https://evil.example) ![evil](https://evil.example/x.png)",
  "<img src=x onerror=alert('evil')><script>evil()</script> </code></td></tr></table> @evil/team https://evil.example ~~forged~~ **forged**",
  '=HYPERLINK("https://evil.example") ,+forged;\t@SUM(1)\n- forged: [x\n--- !ruby/object:forged {a: *b}',
  "'; touch pwned; $(touch pwned) `touch pwned` \\ \" ${IFS}pwned",
  `${"`".repeat(398)}forged`,
  `${"x".repeat(399)}\n::error::forged`,
];

/** What must not be seen by anyone who reads text: it hides, turns or breaks lines. */
const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]/;

function assertVisible(text, where) {
  assert.doesNotMatch(text, HIDDEN, where);
  assert.doesNotMatch(text, /##\[/, where);
}

/** The page without its code spans, as CommonMark finds them in a paragraph or a cell. */
function withoutCode(line) {
  return line.replace(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g, "");
}

function assertPage(page, where) {
  assertVisible(page, where);
  for (const line of page.split("\n")) {
    const rest = withoutCode(line);
    assert.doesNotMatch(rest, MARKS, `${where}: ${rest}`);
    assert.doesNotMatch(rest, /[`<]/, `${where}: ${rest}`);
    if (!line.startsWith("|")) continue;
    assert.ok([5, 9].includes(line.split("|").length), `${where}: the cells of ${line}`);
  }
  const known = /^(?:## (?:✅|❌|❓|🛑)|### (?:❌|⚠️) [A-Z_]+$)/u;
  for (const heading of page.split("\n").filter((line) => line.startsWith("#"))) assert.match(heading, known, where);
}

/** GitLab's rules for a dotenv report, and the keys that the contract has. */
function assertDotenv(text, where) {
  const lines = text.replace(/\n$/, "").split("\n");
  assert.deepEqual(
    lines.map((line) => line.split("=")[0]),
    ["STATUS", "VERIFIED", "PROOF", "DEPLOYMENT_ID", "AIRFLOW_URL", "DIGEST"].map((name) => `HOUSTON_${name}`),
    where,
  );
  for (const line of lines) assert.match(line, /^[A-Z_]+=[\w:/.-]*$/, where);
}

function assertAnnotations(text, where) {
  for (const { external_link: link } of JSON.parse(text).Airflow) {
    assert.match(link.url, /^https?:\/\/[\w:/.-]+$/, where);
    assertVisible(link.label, where);
    assert.doesNotMatch(link.label, MARKS, where);
  }
}

/** Every text within a value. */
function textsOf(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsOf) : [];
}

const pages = [];

/** Runs the library with the text at a place; holds all that it leaves to the rules. */
async function injected(stage, prepare, text, index, where) {
  const prepared = await prepare(stage, text);
  if (!prepared) return 0;
  const plain = { token: TOKEN, release: "analytics-dev", image: IMAGE, "runtime-version": "12.1.1" };
  const files = stage.files(`${index}-`);
  const given = { ...plain, preflight: "off", wait: "off", attempts: 1, ...CREDENTIALS, ...files, ...prepared };
  const events = [];
  const how = { env: {}, onEvent: (event) => events.push(event) };
  const report = await deploy(inJavaScript(given), how).catch((error) => error.report);
  for (const one of [...textsOf(report), ...textsOf(events)]) {
    assertVisible(one, where);
    assert.doesNotMatch(one, /\n/, where);
    assert.doesNotMatch(one, /^\s*::/, where);
    assert.ok(one.length < 3000, `${where}: ${one.length} characters`);
  }
  const file = (option) => readFileSync(files[option], "utf8");
  assert.deepEqual(JSON.parse(file("report-file")), report, where);
  assertPage(file("summary-file"), where);
  assertDotenv(file("dotenv-file"), where);
  assertAnnotations(file("annotations-file"), where);
  pages.push({ where, text: file("junit-file") });
  return 1;
}

describe("text that would act", () => {
  for (const { name, prepare } of PLACES) {
    staged(name, async (stage) => {
      const run = (text, index) => injected(stage, prepare, text, index, `${name}, text ${index}`);
      const seen = await Promise.all(HOSTILE.map(run));
      assert.ok(seen.includes(1));
    });
  }
});

/** Of each kind of server a place or two, for the whole way into the runner. */
const THROUGHOUT = PLACES.filter(({ name }) =>
  [
    "Houston's answer: the message of a refusal",
    "Houston: the platform's version, after what looks like one",
    "registry: the error of a refusal",
    "registry: the platform of the image",
    "Airflow: every value",
  ].includes(name),
);

const { outputs: OUTPUTS } = parse(readFileSync(`${ROOT}action/action.yml`, "utf8"));

describe("text that would act, read as the runner reads it", () => {
  for (const { name, prepare } of THROUGHOUT) {
    staged(
      name,
      async (stage) => {
        for (const [index, text] of [HOSTILE[0], HOSTILE[2] + HOSTILE[1], HOSTILE[4]].entries()) {
          const inputs = { attempts: "1", ...CREDENTIALS, ...(await prepare(stage, text)) };
          const files = {
            GITHUB_OUTPUT: stage.path(`output-${index}`),
            GITHUB_STEP_SUMMARY: stage.path(`summary-${index}`),
          };
          const { stdout, stderr } = await stage.action(undefined, inputs, { env: { RUNNER_DEBUG: "1", ...files } });
          const { commands, lines } = readLog(stdout + stderr);
          const masks = commands.filter((command) => command.name === "add-mask").map((command) => command.text);
          assert.ok(
            masks.every((mask) => (TOKEN + PASSWORD + USER_NAME).includes(mask) || mask.includes(PASSWORD)),
            `${masks.length} masks`,
          );
          const known = ["add-mask", "group", "endgroup", "debug", "error", "warning"];
          for (const command of commands) {
            assert.ok(known.includes(command.name), command.name);
            assert.match(command.title ?? "X", /^[A-Z_]+$/);
            assertVisible(command.text.replaceAll("\n", " "), "a command");
          }
          for (const line of lines) assertVisible(line, "the log");
          const written = readOutputs(stage.read(`output-${index}`));
          assert.deepEqual(Object.keys(written).sort(), Object.keys(OUTPUTS).sort());
          for (const [output, value] of Object.entries(written)) {
            if (output !== "report") assert.match(value, /^[\w:/.-]*$/, output);
          }
          assert.equal(JSON.parse(written.report).schema, 1);
          assertPage(stage.read(`summary-${index}`), name);
        }
      },
      { skip: SKIP_WITHOUT_24 },
    );
  }
});

/** Reads each page with Python's expat, which takes nothing that is not well formed. */
const READER = `
import json, sys, xml.etree.ElementTree as tree
def shape(element): return [element.tag, sorted(element.attrib), [shape(child) for child in element]]
print(json.dumps([shape(tree.fromstring(page.encode())) for page in json.load(sys.stdin)]))`;

const python = spawnSync("python3", ["-c", "import xml.etree.ElementTree"]).status === 0;

test("JUnit is one test case in every one of them", {
  skip: !python && "there is no python3, whose XML parser reads it",
}, () => {
  assert.ok(pages.length > 100);
  const input = JSON.stringify(pages.map(({ text }) => text));
  const read = spawnSync("python3", ["-c", READER], { input, encoding: "utf8", timeout: 20_000 });
  assert.equal(read.status, 0, read.stderr);
  const shapes = JSON.parse(read.stdout);
  for (const [index, [tag, , [[suite, , cases]]]] of shapes.entries()) {
    assert.deepEqual(
      [tag, suite, cases.length, cases[0][0]],
      ["testsuites", "testsuite", 1, "testcase"],
      pages[index].where,
    );
    const within = cases[0][2].map(([name, attributes, children]) => [name, attributes, children.length]);
    assert.ok(within.length <= 1, pages[index].where);
    if (within.length > 0) assert.deepEqual(within[0], ["failure", ["message", "type"], 0], pages[index].where);
  }
});
