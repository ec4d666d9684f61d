/**
 * One name for one thing, everywhere: options, error codes, outputs and versions are held against each other across
 * the help, the action, the types, the documentation and the sources. What is not there yet is skipped with a reason.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { ROOT, staged } from "./run.mjs";

const text = (path) => readFileSync(`${ROOT}${path}`, "utf8");
const missing = (path) => (existsSync(`${ROOT}${path}`) ? false : `there is no ${path} yet`);
const { version } = JSON.parse(text("package.json"));
const action = parse(text("action/action.yml"));

/** Options that the command line alone has. */
const OF_THE_COMMAND_LINE = ["output", "debug", "format"];

const propertyName = (option) => option.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
const environmentName = (option) =>
  `HOUSTON_${option
    .replace(/^houston-/, "")
    .replaceAll("-", "_")
    .toUpperCase()}`;
const sorted = (names) => [...names].sort();

/** Every option of a command, as its help has it, with its default; a secret shows as its variable there. */
async function optionsOf(stage, command = "deploy") {
  const { stdout } = await stage.cli([command, "--help"]);
  const lines = stdout.slice(stdout.indexOf("\nOptions:")).split("\n");
  const found = lines.flatMap((line) => {
    const [, flag, secret, rest] = /^ {2}(?:--([a-z-]+)|(HOUSTON_[A-Z_]+))(.*)$/.exec(line) ?? [];
    const name = flag ?? secret?.replace("HOUSTON_", "").toLowerCase().replaceAll("_", "-");
    // The default that is a sentence has another in each place.
    const value = /\(default: (?!docker)(.*)\)$/.exec(rest)?.[1];
    return name ? [[name, value]] : [];
  });
  assert.ok(found.length >= { deploy: 36, setup: 12 }[command], `the help shows ${found.length} options`);
  return new Map(found);
}

const forWrappers = (options) => sorted([...options.keys()].filter((name) => !OF_THE_COMMAND_LINE.includes(name)));

/** The types of the library. */
const types = () => text("pkg/index.d.ts") + text("pkg/setup.d.ts");

/** The members of an interface in index.d.ts or setup.d.ts. */
function membersOf(name) {
  const [, body] = new RegExp(`export interface ${name} \\{\\n([^]*?)\\n\\}`).exec(types());
  return [...body.matchAll(/^ {2}([a-zA-Z]+)\??:/gm)].map(([, member]) => member);
}

/** The codes in `code.rs`, from the one place that spells them. */
function codesOfTheCore() {
  const codes = [...text("src/code.rs").matchAll(/Self::[A-Za-z]+ => "([A-Z_]+)",/g)].map(([, code]) => code);
  assert.ok(codes.length >= 25, `${codes.length} codes were found`);
  return sorted(codes);
}

staged("the action has the options of the help, and their defaults in words", async (stage) => {
  const options = await optionsOf(stage);
  // The wrappers have one more: what to do.
  assert.deepEqual(sorted(Object.keys(action.inputs)), sorted(["command", ...forWrappers(options)]));
  for (const [name, { description }] of Object.entries(action.inputs)) {
    const said = options.get(name);
    if (said) assert.ok(description.includes(`Default is ${said}.`), name);
    assert.match(description, /(?:Default is .+|No default)\.$/, name);
  }
});

for (const [command, type] of [
  ["deploy", "DeployOptions"],
  ["setup", "SetupOptions"],
]) {
  staged(`the types have the options of the help of ${command}, and their defaults`, async (stage) => {
    const options = await optionsOf(stage, command);
    assert.deepEqual(sorted(membersOf(type)), sorted(forWrappers(options).map(propertyName)));
    const members = types().split(`export interface ${type} {`)[1];
    for (const [name, said] of options) {
      if (!said || OF_THE_COMMAND_LINE.includes(name)) continue;
      const comment = new RegExp(`/\\*\\* (.*) \\*/\\n {2}${propertyName(name)}\\?:`).exec(members)?.[1] ?? "";
      assert.ok(comment.replaceAll("`", "").includes(`Default: ${said}.`), `${name}: ${comment}`);
    }
  });
}

staged("the core reads every option from the environment, by its name there", async (stage) => {
  const names = [...(await optionsOf(stage)).keys()];
  // Of two that exclude each other, or of which one is looked at alone, each has a run of its own.
  const others = ["houston-url", "release-file", "airflow-version", "token-file", "registry-username"];
  for (const tried of [names.filter((name) => !others.includes(name)), others]) {
    // A full stop is wrong for each of them, as a value and as a file.
    const env = Object.fromEntries(tried.map((name) => [environmentName(name), "."]));
    const { code, stderr } = await stage.cli(["deploy"], { env });
    assert.equal(code, 2);
    for (const name of tried)
      assert.match(stderr, new RegExp(`^ {2}${name}: (?!is missing)`, "m"), `${name} was not read`);
  }
});

staged("the core reads every option of setup from the environment, by its name there", async (stage) => {
  const names = [...(await optionsOf(stage, "setup")).keys()];
  // One that excludes another, or changes what is looked at, has a run of its own.
  for (const tried of [names.filter((name) => !["per-deployment", "release"].includes(name)), ["per-deployment"]]) {
    const env = Object.fromEntries(
      tried.map((name) => [environmentName(name), name === "registry-username" ? ":" : "."]),
    );
    const { code, stderr } = await stage.cli(["setup"], { env });
    assert.equal(code, 2);
    for (const name of tried)
      assert.match(stderr, new RegExp(`^ {2}${name}: (?!is missing)`, "m"), `${name} was not read`);
  }
  const env = { HOUSTON_PER_DEPLOYMENT: "true", HOUSTON_RELEASE: "." };
  assert.match((await stage.cli(["setup"], { env })).stderr, /^ {2}release: (?!is missing)/m);
});

staged("docs/setup.md has the options of the help, and their defaults", async (stage) => {
  const section = text("docs/setup.md")
    .split("\n## ")
    .find((part) => part.startsWith("Options"));
  const rows = [...section.matchAll(/^\| `([a-z-]+)` \| (?:`([^`]+)`)? ?\|/gm)].map(([, name, value]) => [name, value]);
  // That a boolean is false is not said in the help.
  const told = [...(await optionsOf(stage, "setup"))].map(([name, value]) => [
    name,
    name === "per-deployment" ? "false" : value,
  ]);
  assert.deepEqual(rows, told);
});

test("the types have what setup gives", () => {
  const json = text("src/setup/render.rs").split("fn json(")[1];
  const keys = [...json.matchAll(/(?:\.|json\.)(?:key|field|optional|boolean|number)\(\s*"([a-zA-Z]+)"/g)].map(
    ([, key]) => key,
  );
  const types = ["Setup", "SetupStep", "Finding"].flatMap(membersOf);
  assert.deepEqual(sorted(new Set(keys)), sorted(new Set([...types, "meaning"])));
});

/** The rows of the first table behind a heading, each as its cells without backticks. */
function rowsUnder(page, heading) {
  const [, section] = text(page).split(`\n${heading}\n`);
  assert.ok(section, `${page} has no ${heading}`);
  const [table] = /^\|[^]*?\n(?!\|)/m.exec(section);
  const rows = table.trimEnd().split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

staged(
  "docs/options.md has the options of the help, in its order and with its defaults, and the README names them",
  async (stage) => {
    const { stdout } = await stage.cli(["deploy", "--help"]);
    const told = [...(await optionsOf(stage))].map(([name, value]) => {
      // That a boolean is false is not said in the help.
      const isBoolean = new RegExp(`^ {2}--${name} {2,}`, "m").test(stdout);
      return [name, isBoolean ? "false" : (value ?? "")];
    });
    assert.deepEqual(
      rowsUnder("docs/options.md", "## Options").map(([name, value]) => [name, value]),
      told,
    );
    for (const [name] of told) assert.ok(text("README.md").includes(`\`${name}\``), `${name} is not in README.md`);
  },
);

test("README and docs/errors.md have the same exit codes, with the same meaning", () => {
  const codes = (page) => rowsUnder(page, "## Exit codes").map(([code]) => code);
  assert.deepEqual(codes("README.md"), codes("docs/errors.md"));
  const meanings = (page) => rowsUnder(page, "## Exit codes").map(([, meaning]) => meaning.replace(", by ", ", "));
  assert.deepEqual(meanings("README.md"), meanings("docs/errors.md"));
});

test("docs/errors.md has each code under its exit code", () => {
  const source = ["src/error.rs", "src/error/image.rs", "src/error/watch.rs"].map(text).join("\n");
  const parts = text("docs/errors.md")
    .split(/\n## Exit codes? /)
    .slice(1);
  const under = new Map();
  for (const part of parts) {
    const [, exit] = /^(\d+)/.exec(part);
    for (const [, code] of part.matchAll(/^### `([A-Z_]+)`$/gm)) under.set(code, Number(exit));
  }
  assert.deepEqual(
    sorted(under.keys()),
    codesOfTheCore().filter((code) => code !== "IMAGE_MOVES"),
  );
  // The numbers that the core gives, by the variants that its matches name.
  const named = new Map([...text("src/code.rs").matchAll(/Self::(\w+) => "([A-Z_]+)",/g)].map(([, a, b]) => [a, b]));
  const given = new Map();
  for (const [, body] of source.matchAll(/pub(?:\(super\))? fn exit_code\(&self\) -> u8 \{([^]*?)\n {4}\}/g)) {
    for (const [, variants, exit] of body.matchAll(/((?:Self::\w+[^=]*?)+)=> (\d+),/g)) {
      for (const [, variant] of variants.matchAll(/Self::(\w+)/g)) given.set(variant, Number(exit));
    }
  }
  let compared = 0;
  for (const [variant, exit] of given) {
    const code = named.get(variant);
    if (code === undefined || variant === "Cancelled") continue;
    assert.equal(under.get(code), exit, code);
    compared += 1;
  }
  assert.ok(compared >= 12, `${compared} exit codes were compared`);
});

test("docs/report.md has the report's fields, statuses and checks", () => {
  const first = (heading) => rowsUnder("docs/report.md", heading).map(([name]) => name);
  assert.deepEqual(sorted(first("## The whole")), sorted(membersOf("Report")));
  assert.deepEqual(sorted(first("## A result")), sorted(membersOf("ReleaseReport")));
  assert.deepEqual(sorted(first("## What `check` adds")), sorted(membersOf("Check")));
  const words = (name) =>
    [...new RegExp(`export type ${name} =([^;]*);`).exec(text("pkg/index.d.ts"))[1].matchAll(/"([^"]+)"/g)].map(
      ([, word]) => word,
    );
  assert.deepEqual(first("### `status`, from best to worst"), words("Status"));
  const made = /(?:good|unknown|bad|doubtful|doubt|fail)\(\s*"([a-z]+)"/g;
  const sources = text("src/check.rs") + text("src/check/release.rs");
  const looked = [...sources.matchAll(made)].map(([, what]) => what);
  const told = [
    ...text("docs/report.md")
      .split("| `what` | what is looked at |")[1]
      .matchAll(/^\| `([a-z]+)` \|/gm),
  ];
  for (const what of looked)
    assert.ok(
      told.some(([, one]) => one === what),
      `${what} is not in docs/report.md`,
    );
  assert.ok(new Set(looked).size >= 10, `${looked}`);
});

test("docs/outcomes.md has the degrees of proof, in their order", () => {
  const [, body] = /impl Proof \{([^]*?)\n\}/.exec(text("src/report.rs"));
  const words = [...body.matchAll(/=> "([a-z]+)"/g)].map(([, word]) => word);
  assert.deepEqual(
    rowsUnder("docs/outcomes.md", "## What is proven").map(([word]) => word),
    words,
  );
});

test("the types have the report's fields, the codes and the statuses", () => {
  const fields = (name) => sorted(membersOf(name));
  const json = text("src/render/json.rs");
  const keys = [...json.matchAll(/(?:\.|json\.)(?:key|field|optional|boolean|number)\("([a-zA-Z]+)"/g)].map(
    ([, key]) => key,
  );
  const types = [
    "Report",
    "ReleaseReport",
    "DeploymentState",
    "PlannedRequest",
    "Failure",
    "Problem",
    "Warning",
    "Check",
  ];
  const known = new Set([
    ...types.flatMap(fields),
    "url",
    "version",
    "reference",
    "digest",
    "runtimeVersion",
    "airflowVersion",
  ]);
  for (const key of keys)
    assert.ok(known.has(key) || ["attempt", "requestId"].includes(key), `${key} is not in index.d.ts`);

  const union = (name) => [
    ...new RegExp(`export type ${name} =([^;]*);`).exec(text("pkg/index.d.ts"))[1].matchAll(/"([^"]+)"/g),
  ];
  assert.deepEqual(sorted(union("Code").map(([, code]) => code)), codesOfTheCore());
  const statuses = [...text("src/report.rs").matchAll(/Self::[A-Za-z]+ => "([a-z]+)",/g)].map(([, word]) => word);
  for (const [, status] of union("Status")) assert.ok(statuses.includes(status), status);
});

test("the error codes are those of the documentation", { skip: missing("docs/errors.md") }, () => {
  const documented = [...text("docs/errors.md").matchAll(/^(?:#+|\|) *`?([A-Z]+(?:_[A-Z]+)*)`?(?: |$)/gm)].map(
    ([, code]) => code,
  );
  assert.deepEqual(sorted(new Set(documented)), codesOfTheCore());
});

test("the outputs are the contract's", () => {
  const outputs = ["status", "verified", "proof", "deployment-id", "airflow-url", "digest", "report"];
  assert.deepEqual(Object.keys(action.outputs), outputs);
});

staged("the versions agree", async (stage) => {
  const [, cargo] = /^version = "([^"]+)"$/m.exec(text("Cargo.toml"));
  const { stdout } = await stage.cli(["--version"]);
  const lock = JSON.parse(text("package-lock.json"));
  assert.deepEqual(
    [cargo, stdout.trim(), lock.version, lock.packages[""].version],
    [version, version, version, version],
  );
});

test("the CHANGELOG opens with this version", { skip: missing("CHANGELOG.md") }, () => {
  const [, latest] = /^## \[?v?(\d+\.\d+\.\d+)/m.exec(text("CHANGELOG.md"));
  assert.equal(latest, version);
});

test("what a user runs depends on nothing that is not there", () => {
  const files = ["action", "pkg"].flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`)
      .filter((name) => /\.m?js$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const imports = files.flatMap((path) =>
    [...text(path).matchAll(/(?:from|import)\s*\(?\s*["`]([^"`]+)/g)].map(([, name]) => [path, name]),
  );
  assert.ok(imports.length >= files.length, `${imports.length} imports were found`);
  for (const [path, name] of imports) assert.match(name, /^(?:node:|\.{1,2}\/)/, `${path} imports ${name}`);
  assert.deepEqual(Object.keys(JSON.parse(text("package.json")).dependencies ?? {}), []);
});

/** What lets a package be used in building and testing this one, and asks for nothing but its own text. */
const LICENCES = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "BlueOak-1.0.0"];

test("the development packages are whole, of the usual registry, and free to use", () => {
  const { packages } = JSON.parse(text("package-lock.json"));
  const names = Object.keys(packages).filter((name) => name !== "");
  assert.ok(names.length > 100, `${names.length} packages were found`);
  for (const name of names) {
    const { license = "none", integrity, resolved, link } = packages[name];
    const licences = license.split(/[()]| AND | OR /).filter((part) => part !== "");
    for (const licence of licences) assert.ok(LICENCES.includes(licence), `${name} is under ${license}`);
    assert.match(integrity ?? "", /^sha512-/, `${name} has no hash`);
    // A package that is named by an address, or is a folder, comes from elsewhere.
    assert.deepEqual([resolved, link], [undefined, undefined], name);
  }
});
