/**
 * `action/runner.mjs` by itself, given what the core would never let through: it holds its place even then.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readLog, readOutputs } from "./github.mjs";
import { ROOT } from "./run.mjs";

const MIB = 1024 * 1024;

/** Calls one of its functions in a process of its own; gives what it printed, wrote and returned. */
function call(name, given, { before = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "houston-deploy-test-"));
  try {
    const [arguments_, output, summary] = ["arguments", "output", "summary"].map((file) => join(folder, file));
    writeFileSync(arguments_, JSON.stringify(given));
    writeFileSync(summary, before);
    writeFileSync(output, "");
    const script = `
      import { readFileSync } from "node:fs";
      import * as runner from ${JSON.stringify(new URL("action/runner.mjs", `file://${ROOT}`).href)};
      const returned = runner[${JSON.stringify(name)}](...JSON.parse(readFileSync(process.argv[1], "utf8")));
      process.stderr.write(JSON.stringify(returned ?? null));`;
    const env = { PATH: process.env.PATH, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
    const words = ["--input-type=module", "--eval", script, arguments_];
    const run = spawnSync(process.execPath, words, { env, encoding: "utf8", timeout: 10_000, maxBuffer: 8 * MIB });
    assert.equal(run.status, 0, run.stderr);
    const written = { output: readFileSync(output, "utf8"), summary: readFileSync(summary, "utf8") };
    return { printed: run.stdout, returned: JSON.parse(run.stderr), ...written };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HOSTILE = [
  "::error::x",
  "  ::add-mask::x",
  "\t\u00a0\u0085\u200b::x::y",
  ":\u00ad:x::y",
  "##[error]x",
  "good ##[group]x ##[endgroup]",
  "###[x]",
  "#\u200b#\u00ad[x]",
  "one\n::x::y",
  "one\r::x::y",
  "one\r\n::x::y\r\n##[x]",
];

test("no line of the log acts", () => {
  for (const text of HOSTILE) {
    const { printed } = call("log", [text]);
    const { commands, lines } = readLog(printed);
    assert.deepEqual(commands, [], JSON.stringify(text));
    assert.equal(lines.pop(), "");
    assert.equal(lines.length, text.split(/\r\n|\r|\n/).length);
  }
});

test("harmless lines stay as they are", () => {
  for (const text of [
    "error[X]: y",
    "a::b ::c",
    "a # b",
    "# comment",
    "http://[::1]:80/v1",
    ": :x",
    "",
    "one\n\ntwo",
  ]) {
    assert.equal(call("log", [text]).printed, text === "" ? "" : `${text}\n`);
  }
});

test("a command is one line, whatever its text and properties hold", () => {
  for (const text of [...HOSTILE, "100%", "%0A::x::y", "a,b:c::d,e=f"]) {
    const { commands, lines } = readLog(call("command", ["error", { title: text, file: "x" }, text]).printed);
    const [{ name, title, file }, ...more] = commands;
    assert.deepEqual([name, file, more, lines], ["error", "x", [], [""]], JSON.stringify(text));
    const same = (one) => one.replace(/ \[/g, "[");
    assert.deepEqual([same(title), same(commands[0].text)], [same(text), same(text)]);
    assert.ok(!commands[0].text.includes("##["));
  }
});

test("a mask is the secret to the letter", () => {
  for (const secret of ["a%0Ab", "##[x]", "a::b,c:d", "%", "%25", " lead"]) {
    assert.equal(readLog(call("mask", [secret]).printed).commands[0].text, secret);
  }
});

test("outputs are read back as they were, and set no other", () => {
  const outputs = {
    status: "deployed",
    empty: "",
    report: '{"a":\n"b<<c"}',
    hostile: "x\nend_of_output_0\nstatus<<y\nrefused\ny\nverified=true\n",
    equals: "a=b",
  };
  const first = call("writeOutputs", [outputs]);
  assert.deepEqual([readOutputs(first.output), first.returned], [outputs, []]);
  const delimiters = first.output.match(/end_of_output_[0-9a-f-]{36}/g);
  assert.equal(new Set(delimiters).size, Object.keys(outputs).length);
  assert.ok(!delimiters.some((delimiter) => call("writeOutputs", [outputs]).output.includes(delimiter)));
});

test("of outputs that are too large the largest is left empty", () => {
  const outputs = { status: "deployed", report: "x".repeat(MIB), digest: "y".repeat(1000) };
  const { output, returned } = call("writeOutputs", [outputs]);
  assert.deepEqual([readOutputs(output), returned], [{ ...outputs, report: "" }, ["report"]]);
});

test("a summary is added to what is there", () => {
  assert.equal(call("writeSummary", ["## ü\n"], { before: "before\n" }).summary, "before\n## ü\n");
});

test("a summary is cut between two lines, and says so", () => {
  for (const before of ["", "x".repeat(MIB / 2), "x".repeat(MIB - 200)]) {
    const { summary } = call("writeSummary", ["| line ü |\n".repeat(200_000)], { before });
    assert.ok(Buffer.byteLength(summary) <= MIB);
    assert.ok(Buffer.byteLength(summary) > MIB - 100);
    assert.match(summary, /\| line ü \|\n\n\nThe rest did not fit into a step summary: see the report\.\n$/);
  }
  assert.equal(call("writeSummary", ["| line |\n"], { before: "x".repeat(MIB - 5) }).summary.length, MIB - 5);
});
