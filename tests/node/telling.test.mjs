/**
 * The files that other programs read, held to the rules of those programs: JUnit to a schema, dotenv and annotations to
 * what GitLab takes. Each is written by the real program, after runs that end in every way.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { IMAGE, ROOT, staged, TOKEN, VIEWER } from "./run.mjs";

const SCHEMA = `${ROOT}tests/node/junit.xsd`;
const SKIP_WITHOUT_XMLLINT = spawnSync("xmllint", ["--version"]).error ? "xmllint is not installed" : false;

/** What `xmllint` has against a text; nothing if it takes it. */
function againstSchema(xml) {
  const { status, stderr } = spawnSync("xmllint", ["--noout", "--nonet", "--schema", SCHEMA, "-"], {
    input: xml,
    encoding: "utf8",
  });
  return status === 0 ? undefined : stderr;
}

/**
 * What GitLab has against a dotenv report; nothing if it takes it.
 *
 * Source: GitLab's documentation of `artifacts:reports:dotenv`, and of its limits for all plans.
 */
function againstDotenv(text) {
  if (Buffer.byteLength(text) > 5 * 1024) return "more than 5 KB";
  if (!text.endsWith("\n")) return "a last line without an end";
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > 20) return "more than 20 variables";
  for (const line of lines) {
    const [, key, value] = /^([^=]*)=(.*)$/.exec(line) ?? [];
    if (key === undefined) return `no variable: ${JSON.stringify(line)}`;
    if (!/^[A-Za-z0-9_]+$/.test(key)) return `a key with other characters: ${key}`;
    // Quotes would be kept as they are, white space at either end would be lost.
    if (/["'\r\\]/.test(value) || value !== value.trim()) return `a value that would not arrive: ${value}`;
  }
  const keys = lines.map((line) => line.split("=", 1)[0]);
  return new Set(keys).size === keys.length ? undefined : "a key twice";
}

/**
 * What GitLab has against an annotations report; nothing if it takes it.
 *
 * Source: GitLab's documentation of `artifacts:reports:annotations`, and its JSON schema of them.
 */
function againstAnnotations(text) {
  for (const [section, list] of Object.entries(JSON.parse(text))) {
    if (section.length === 0 || section.length > 255 || !Array.isArray(list)) return `the section ${section}`;
    for (const annotation of list) {
      const { label, url } = annotation.external_link ?? {};
      if (Object.keys(annotation).join() !== "external_link") return `not a link: ${JSON.stringify(annotation)}`;
      if (Object.keys(annotation.external_link).sort().join() !== "label,url") return "a link with other fields";
      if (typeof label !== "string" || label.length === 0 || label.length > 255) return `the label ${label}`;
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return `the address ${url}`;
    }
  }
  return undefined;
}

/** The names of test cases with what became of each: a code, `skipped`, or nothing. */
function casesOf(xml) {
  const cases = xml.matchAll(/<testcase classname="houston-deploy" name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs);
  return [...cases].map(([, name, inner = ""]) => [
    name,
    /<failure type="(\w+)"/.exec(inner)?.[1] ?? (inner.includes("<skipped/>") ? "skipped" : ""),
  ]);
}

const FILES = ["summary-file", "junit-file", "dotenv-file", "annotations-file"];

/** Runs a command, and holds each of its files to its rules. */
async function told(stage, platform, options, { command = "deploy", token = TOKEN } = {}) {
  const files = Object.fromEntries(FILES.map((name) => [name, stage.path(name)]));
  const settings = { "houston-url": platform?.url, image: IMAGE, "runtime-version": "12.1.1", preflight: "off" };
  const given = { ...settings, wait: "off", ...files, "report-file": stage.path("report.json"), ...options };
  const words = Object.entries(given).filter(([, value]) => value !== undefined);
  const run = await stage.cli([command, ...words.map(([name, value]) => `--${name}=${value}`)], {
    env: { HOUSTON_TOKEN: token },
  });
  const [summary, junit, dotenv, annotations] = FILES.map((name) => stage.read(name));
  if (!SKIP_WITHOUT_XMLLINT) assert.equal(againstSchema(junit), undefined, junit);
  assert.equal(againstDotenv(dotenv), undefined);
  assert.equal(againstAnnotations(annotations), undefined);
  const [, tests, failures, skipped] = /tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/.exec(junit);
  const cases = casesOf(junit);
  const count = (matches) => cases.filter(([, outcome]) => matches(outcome)).length;
  assert.deepEqual([tests, failures, skipped].map(Number), [
    cases.length,
    count((outcome) => /[A-Z]/.test(outcome)),
    count((outcome) => outcome === "skipped"),
  ]);
  return { ...run, summary, cases, links: JSON.parse(annotations).Airflow.map(({ external_link: link }) => link) };
}

const WORKSPACE = "clworkspace0001";

describe("what other programs read", () => {
  test("is held to JUnit's schema, or says why not", { skip: SKIP_WITHOUT_XMLLINT }, () => {
    const suite = (inner, more = "") =>
      `<?xml version="1.0"?><testsuites><testsuite name="s" tests="1" failures="0" errors="0" skipped="0" time="0.5"${more}>` +
      `${inner}</testsuite></testsuites>`;
    const good = '<testcase classname="c" name="n" time="1.000"><failure type="T" message="m">d</failure></testcase>';
    assert.equal(againstSchema(suite(good)), undefined);
    for (const bad of [
      suite(""),
      suite(good, ' timestamp="now"'),
      suite(good.replace('name="n"', "")),
      suite(good.replace("1.000", "1,000")),
      suite(good.replace("</failure>", "</failure><skipped/>")),
      suite(good.replace('type="T"', "")),
      suite(good).replace('tests="1"', 'tests="all"'),
      suite(good).replace("</testsuites>", ""),
      `<testsuite/>`,
    ]) {
      assert.notEqual(againstSchema(bad), undefined, bad);
    }
  });

  test("is held to GitLab's rules", () => {
    assert.equal(againstDotenv("A=b\nB=\n"), undefined);
    for (const bad of [
      "A=b",
      "A=b\n\n",
      "# c\n",
      "A-B=c\n",
      'A="b"\n',
      "A=b\nA=c\n",
      "A= b\n",
      `A=${"b".repeat(5120)}\n`,
    ]) {
      assert.notEqual(againstDotenv(bad), undefined, bad);
    }
    assert.notEqual(againstDotenv(Array.from({ length: 21 }, (_, index) => `K${index}=v\n`).join("")), undefined);
    const link = (fields) => JSON.stringify({ Airflow: [{ external_link: fields }] });
    assert.equal(againstAnnotations(link({ label: "l", url: "https://a.example/b" })), undefined);
    for (const bad of [{ label: "l" }, { label: "", url: "https://a.example" }, { label: "l", url: "javascript:0" }]) {
      assert.notEqual(againstAnnotations(link(bad)), undefined, JSON.stringify(bad));
    }
  });

  staged("a deploy with mixed results", async (stage) => {
    const houston = await stage.houston();
    const release = "analytics-dev,no-such-one,analytics-prod";
    const { code, cases, links, summary } = await told(stage, houston, { release, workspace: WORKSPACE });
    assert.equal(code, 3);
    assert.deepEqual(cases, [
      ["analytics-dev", ""],
      ["no-such-one", "DEPLOYMENT_NOT_FOUND"],
      ["analytics-prod", ""],
    ]);
    assert.deepEqual(
      links.map(({ label }) => label),
      ["Airflow analytics-dev", "Airflow analytics-prod"],
    );
    assert.match(summary, /^## ❌ 2 of 3 releases deployed\n\n❌ 1 refused · ✅ 2 deployed\n/);
  });

  staged("releases that were not begun", async (stage) => {
    const options = { release: "analytics-dev,analytics-prod", concurrency: 1, "fail-fast": true };
    const { code, cases } = await told(stage, await stage.houston(), options, { token: VIEWER });
    assert.equal(code, 3);
    assert.deepEqual(cases, [
      ["analytics-dev", "PERMISSION_DENIED"],
      ["analytics-prod", "skipped"],
    ]);
  });

  staged("wrong input, with what would act in XML, in a file of variables or in JSON", async (stage) => {
    const hostile = `a/b:1"'<&>]]>\n\u0007HOUSTON_STATUS=deployed`;
    const { code, cases, links } = await told(stage, undefined, { image: hostile, release: `x"<y>` });
    assert.equal(code, 2);
    assert.deepEqual([cases, links], [[["input", "INPUT_INVALID"]], []]);
  });

  staged("a check, with a case for each thing that was looked at", async (stage) => {
    const houston = await stage.houston();
    const options = { release: "analytics-dev,no-such-one", workspace: WORKSPACE };
    const { code, cases, summary } = await told(stage, houston, options, { command: "check" });
    assert.equal(code, 3);
    const outcome = Object.fromEntries(cases);
    assert.equal(outcome["no-such-one: deployment"], "DEPLOYMENT_NOT_FOUND");
    assert.deepEqual([outcome.houston, outcome.token, outcome["analytics-dev: deployment"]], ["", "", ""]);
    assert.deepEqual([outcome.image, outcome.endpoint], ["skipped", "skipped"]);
    assert.match(summary, /^## ❌ 1 of 2 releases ready\n/);
    assert.match(summary, /^\| ❌ \| deployment \| `no-such-one: /m);
    assert.equal(houston.applied.length, 0);
  });

  staged("a part of a list that is empty", async (stage) => {
    const { code, cases } = await told(stage, undefined, {
      "base-domain": "astro.example.com",
      release: "dev",
      shard: "2/2",
    });
    assert.deepEqual([code, cases], [0, [["input", "skipped"]]]);
  });

  staged("two hundred releases", async (stage) => {
    const deployments = Array.from({ length: 198 }, (_, index) => ({
      releaseName: `team-${index}`,
      runtimeVersion: "11.3.0",
    }));
    const houston = await stage.houston({ deployments });
    const release = ["gone-1", ...deployments.map(({ releaseName }) => releaseName), "gone-2"].join(",");
    const { code, cases, links, summary } = await told(stage, houston, {
      release,
      workspace: WORKSPACE,
      concurrency: 32,
    });
    assert.equal(code, 3);
    assert.deepEqual([cases.length, links.length], [200, 198]);
    const open = summary.slice(0, summary.indexOf("<details>"));
    assert.deepEqual(
      [...open.matchAll(/^\| ❌ \| `([^`]+)` \| refused \|/gm)].map(([, name]) => name),
      ["gone-1", "gone-2"],
    );
  });
});
