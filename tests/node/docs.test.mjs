/**
 * The documentation as a whole: links lead somewhere, versions are this one, and its JavaScript and JSON hold. Its
 * commands are in docs-commands.test.mjs, its pipelines in docs-pipelines.test.mjs; no block is left out.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { compile } from "./compile.mjs";
import { AIRFLOW, blocksIn, blocksOf, DEPLOYMENTS, EXAMPLE, PAGES, placeOf, textOf, WATCH } from "./documents.mjs";
import { ROOT, staged, TOKEN } from "./run.mjs";

const { version } = JSON.parse(textOf("package.json"));

/** A page without its blocks, where `#` and `[` mean something else. */
const proseOf = (page) => textOf(page).replace(/^```[^]*?^```$/gm, "");

/** The anchors of a page's headings, by GitHub's rule. */
function anchorsOf(page) {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every block is of a kind that is tested, and begins at the margin", () => {
  const blocks = PAGES.flatMap(blocksOf);
  assert.ok(blocks.length > 30, `${blocks.length} blocks were found`);
  for (const block of blocks) {
    assert.ok(["yaml", "sh", "js", "json", "text"].includes(block.language), `${placeOf(block)}: ${block.language}`);
    assert.ok(!block.indented, `${placeOf(block)} is indented, where it is read by no test`);
  }
  for (const page of PAGES) assert.doesNotMatch(proseOf(page), /\n\n {4}\S/, `${page} has a block without a fence`);
});

test("links lead to files and headings that are there", () => {
  let found = 0;
  for (const page of PAGES) {
    for (const [, target] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:/.test(target)) continue;
      found += 1;
      const [path, anchor] = target.split("#");
      const file = path ? join(dirname(page), path) : page;
      assert.ok(existsSync(join(ROOT, file)), `${page} links to ${target}`);
      if (anchor) assert.ok(anchorsOf(file).includes(anchor), `${page} links to ${target}`);
    }
  }
  assert.ok(found > 30, `${found} links were found`);
});

test("every page is linked from the README", () => {
  for (const page of PAGES.filter((name) => name !== "README.md")) {
    assert.ok(textOf("README.md").includes(`](${page})`), page);
  }
});

test("the README begins with the action's step", () => {
  const lines = textOf("README.md").split("\n").slice(0, 20);
  assert.ok(lines.includes("```yaml") && lines.filter((line) => line.startsWith("```")).length === 2);
});

test("the versions in the documentation are this one", () => {
  let found = 0;
  for (const page of PAGES) {
    for (const [whole, named] of textOf(page).matchAll(/houston-deploy(?:@|\/deploy@v|-)(\d[\w.]*\d)/g)) {
      assert.equal(named, version, `${page}: ${whole}`);
      found += 1;
    }
    for (const [, major] of textOf(page).matchAll(/houston-deploy\/action@v(\w+)/g)) {
      assert.equal(major, version.split(".")[0], page);
      found += 1;
    }
  }
  assert.ok(found > 10, `${found} versions were found`);
});

test("the codes of shown errors and warnings are documented", () => {
  const known = textOf("docs/errors.md");
  let found = 0;
  for (const block of blocksIn("text")) {
    for (const [, code] of block.text.matchAll(/^(?:error|warning)\[([A-Z_]+)\]/gm)) {
      assert.ok(known.includes(`### \`${code}\``), `${placeOf(block)}: ${code}`);
      found += 1;
    }
  }
  assert.ok(found > 1);
});

test("every error code has a part in docs/errors.md that says more than its name", () => {
  const parts = textOf("docs/errors.md").split("\n### ").slice(1);
  assert.ok(parts.length >= 25);
  for (const part of parts) assert.ok(part.length > 120, part);
});

/** Every key on the way to every value, with the elements of a list as one. */
function keysOf(value, path = "") {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keysOf(item, `${path}[]`)))];
  if (value === null || typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`));
}

staged("the report that is shown is that of a deploy", async (stage) => {
  const [block] = blocksIn("json");
  assert.equal(blocksIn("json").length, 1);
  const shown = JSON.parse(block.text);
  const registry = await stage.registry();
  const platform = await stage.houston({ airflow: AIRFLOW, deployments: DEPLOYMENTS });
  const { code, report, stderr } = await stage.deploy(platform, {
    ...WATCH,
    image: `${registry.host}/acme/airflow:${EXAMPLE.tag}`,
    "runtime-version": undefined,
    workspace: "clworkspace0001",
    preflight: undefined,
    wait: undefined,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(keysOf(shown), keysOf(report));
  const [ours] = report.results;
  const [theirs] = shown.results;
  for (const key of ["release", "status", "change", "proof", "verified", "deploymentId", "attempts"])
    assert.deepEqual(theirs[key], ours[key], key);
  assert.deepEqual(
    [shown.image.digest, shown.image.runtimeVersion, shown.image.airflowVersion],
    [report.image.digest, report.image.runtimeVersion, report.image.airflowVersion],
  );
  assert.deepEqual([theirs.before.version, theirs.after.version], [ours.before.version, ours.after.version]);
});

for (const block of blocksIn("js")) {
  test(`${placeOf(block)} compiles`, { timeout: 60_000 }, () => {
    assert.equal(compile(block.text), "");
  });

  staged(`${placeOf(block)} runs`, async (stage) => {
    const registry = await stage.registry();
    const platform = await stage.houston({ airflow: AIRFLOW, deployments: DEPLOYMENTS });
    const text = block.text
      .replaceAll(`baseDomain: "${EXAMPLE.baseDomain}"`, `houstonUrl: "${platform.url}"`)
      // Only what is looked up is here; a set-up speaks of names alone.
      .replaceAll(`${EXAMPLE.registry}/acme/airflow:`, `${registry.host}/acme/airflow:`);
    mkdirSync(stage.path("node_modules"));
    symlinkSync(ROOT, stage.path("node_modules/houston-deploy"), "dir");
    stage.file("package.json", '{ "type": "module" }');
    stage.file("example.js", `${text}\nif (process.exitCode) throw new Error("it did not end well");\n`);
    const watch = Object.entries(WATCH).map(([name, value]) => [
      `HOUSTON_${name.toUpperCase().replaceAll("-", "_")}`,
      value,
    ]);
    const env = { PATH: process.env.PATH, HOME: stage.folder, HOUSTON_TOKEN: TOKEN, ...Object.fromEntries(watch) };
    const child = spawn(process.execPath, ["example.js"], { cwd: stage.folder, env, timeout: 20_000 });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    const code = await new Promise((resolve) => {
      child.on("close", resolve);
    });
    stage.received(output);
    assert.equal(code, 0, output);
    if (text.includes("await deploy(")) assert.match(output, /^deployed restarted$/m);
  });
}

test("the shell's part of the documentation is a POSIX shell's", () => {
  for (const block of blocksIn("sh")) {
    const { status, stderr } = spawnSync("sh", ["-n"], { input: block.text, encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""], placeOf(block));
  }
});
