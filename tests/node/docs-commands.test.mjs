/**
 * Every command of the documentation, run: each page's blocks one after another in one folder, by a plain shell, with
 * this program's own commands against the embedded platform and registry. What belongs to others (docker, helm, git and
 * so on) is put down and not run. Where a block shows what comes out, that is what comes out.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfSigned } from "../platform/index.mjs";
import { AIRFLOW, asInExamples, blocksOf, DEPLOYMENTS, EXAMPLE, PAGES, placeOf, textOf, WATCH } from "./documents.mjs";
import { CLI, NODE24, SKIP_WITHOUT_24, staged, TOKEN } from "./run.mjs";

/** Programs of others, which a command of the documentation may name. */
const OTHERS = ["docker", "git", "helm", "kubectl", "npm"];

const NODE = NODE24 ?? process.execPath;
const { scripts } = JSON.parse(textOf("package.json"));

/** Why a page's commands cannot be run here, or false where they can. */
function whyNot(page) {
  if (process.platform === "win32") return "the documentation's commands are for a POSIX shell";
  if (page === "docs/closed-networks.md") return SKIP_WITHOUT_24;
  const curl = page === "docs/from-curl.md" && spawnSync("curl", ["--version"]).status !== 0;
  return curl ? "this machine has no curl" : false;
}

/** What stands in for `houston-deploy`: the same words, with what is embedded in the place of the examples' names. */
const PROGRAM = `
const { spawnSync } = require("node:child_process");
const { appendFileSync } = require("node:fs");
const { CALLED, CLI, PLATFORM, REGISTRY, TOKEN, BASE_DOMAIN, EXAMPLE_REGISTRY } = JSON.parse(process.env.STAND_IN);
const words = process.argv.slice(2);
appendFileSync(CALLED, "houston-deploy " + words.join(" ") + "\\n");
const mapped = words[0] === "setup" ? words : words
  .map((word) => word.replaceAll(EXAMPLE_REGISTRY, REGISTRY))
  .flatMap((word, index) => word === "--base-domain" ? ["--houston-url", PLATFORM]
    : words[index - 1] === "--base-domain" && word === BASE_DOMAIN ? [] : [word]);
const { STAND_IN, ...env } = process.env;
const { status } = spawnSync(process.execPath, [CLI, ...mapped], { stdio: "inherit", env: { ...env, HOUSTON_TOKEN: TOKEN } });
process.exit(status ?? 1);
`;

/** A folder for `PATH` with the stand-ins, and where they put down how they were called. */
function standIns(stage, { platform, registry }) {
  const folder = stage.folderOutside("stand-ins");
  const called = join(folder, "called");
  writeFileSync(called, "");
  const put = (name, script) => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(folder, "program.cjs"), PROGRAM);
  put("houston-deploy", `exec "${NODE}" "${folder}/program.cjs" "$@"`);
  put("node", `if [ "$1" = pkg/cli.js ]; then shift; exec houston-deploy "$@"; fi\nexec "${NODE}" "$@"`);
  for (const name of OTHERS) {
    const says = name === "helm" ? "echo null" : ":";
    put(name, `printf '%s\\n' "${name} $*" >>"${called}"\nif [ "$1" = login ]; then cat >/dev/null; fi\n${says}`);
  }
  // The real one, at the embedded platform: what the page says of it is to be true.
  const curl = spawnSync("sh", ["-c", "command -v curl"], { encoding: "utf8" }).stdout.trim();
  const houston = `https://houston.${EXAMPLE.baseDomain}/v1`;
  put("curl", `[ "$1" = "${houston}" ] || exit 2\nshift\nexec "${curl}" --silent "${platform.url}" "$@"`);
  const environment = {
    CALLED: called,
    CLI,
    PLATFORM: platform.url,
    REGISTRY: `${registry.host}/acme/airflow`,
    TOKEN,
    BASE_DOMAIN: EXAMPLE.baseDomain,
    EXAMPLE_REGISTRY: `${EXAMPLE.registry}/acme/airflow`,
  };
  return { folder, called: () => readFileSync(called, "utf8"), environment };
}

/** Runs one block in the stage's folder. */
async function runBlock(stage, { folder, environment }, block, env = {}) {
  const watch = Object.entries(WATCH).map(([name, value]) => [
    `HOUSTON_${name.toUpperCase().replaceAll("-", "_")}`,
    value,
  ]);
  const child = spawn("sh", ["-eu", "-c", block.text], {
    cwd: stage.folder,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: stage.folder,
      TMPDIR: stage.folder,
      COMMIT: EXAMPLE.tag,
      STAND_IN: JSON.stringify(environment),
      HOUSTON_TOKEN: TOKEN,
      ...Object.fromEntries(watch),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      output[name] += text;
    });
  }
  const code = await new Promise((resolve) => {
    child.on("close", resolve);
  });
  stage.received(output.stdout + output.stderr);
  return { code, ...output };
}

/** The commands of a block that are this program's. */
const ownCommands = ({ text }) => text.match(/^(?:houston-deploy|node pkg\/cli\.js) /gm)?.length ?? 0;

async function embedded(stage) {
  const registry = await stage.registry();
  const platform = await stage.houston({ airflow: AIRFLOW, deployments: DEPLOYMENTS });
  return { platform, registry };
}

for (const page of PAGES.filter((page) => blocksOf(page).some(({ language }) => language === "sh"))) {
  staged(
    `the commands of ${page} do what they say`,
    async (stage) => {
      const parts = await embedded(stage);
      const stands = standIns(stage, parts);
      if (page === "docs/closed-networks.md") stage.file("company-ca.pem", selfSigned().cert);
      let last;
      let own = 0;
      for (const block of blocksOf(page)) {
        if (block.language === "text" && block.before?.language === "sh") {
          const names = { houston: parts.platform.url, registry: parts.registry.host };
          assert.equal(asInExamples(last.stdout, names), asInExamples(block.text), placeOf(block));
        }
        if (block.language !== "sh") continue;
        last = await runBlock(stage, stands, block);
        assert.equal(last.code, 0, `${placeOf(block)}\n${last.stdout}${last.stderr}`);
        own += ownCommands(block);
      }
      const lines = stands.called().split("\n");
      assert.equal(lines.filter((line) => line.startsWith("houston-deploy ")).length, own);
      for (const line of lines.filter((line) => /^npm (?:run|test)/.test(line))) {
        // What stands behind `--` is for the script.
        assert.ok(line.replace(/^npm (?:run )?/, "").split(" ")[0] in scripts, line);
      }
    },
    { skip: whyNot(page) },
  );
}

staged(
  "the curl line ends well where Houston refuses, and this program does not",
  async (stage) => {
    const parts = await embedded(stage);
    const stands = standIns(stage, parts);
    const [curl, ours] = blocksOf("docs/from-curl.md").filter(({ language }) => language === "sh");
    const wrong = "0".repeat(32);
    const refused = await runBlock(stage, stands, curl, { HOUSTON_TOKEN: wrong });
    assert.equal(refused.code, 0);
    assert.match(refused.stdout, /"errors"/);
    stands.environment.TOKEN = wrong;
    const said = await runBlock(stage, stands, ours);
    assert.equal(said.code, 3, said.stderr);
    assert.deepEqual(parts.platform.applied, []);
  },
  { skip: whyNot("docs/from-curl.md") },
);

staged(
  "the script that docs/setup.md writes is a POSIX shell's",
  async (stage) => {
    const stands = standIns(stage, await embedded(stage));
    const block = blocksOf("docs/setup.md").find(({ text }) => text.includes(">setup.sh"));
    assert.equal((await runBlock(stage, stands, block)).code, 0);
    assert.ok(existsSync(stage.path("setup.sh")));
    assert.equal(spawnSync("sh", ["-n", stage.path("setup.sh")]).status, 0);
  },
  { skip: whyNot("docs/setup.md") },
);
