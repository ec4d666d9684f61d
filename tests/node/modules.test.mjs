// Each command has a module of its own: a run loads what it does and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ROOT } from "./run.mjs";

const COMMANDS = ["deploy", "check", "setup"];

const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A copy in which there are the modules of these commands alone. */
function only(...commands) {
  const folder = mkdtempSync(join(tmpdir(), "houston-deploy-modules-"));
  folders.push(folder);
  for (const name of ["pkg", "action", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const command of COMMANDS.filter((name) => !commands.includes(name))) {
    for (const name of [`${command}.js`, `wasm/houston_${command}.js`, `wasm/houston_${command}_bg.wasm`]) {
      rmSync(join(folder, "pkg", name));
    }
  }
  return (words, env = {}) =>
    spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", env, timeout: 10_000 });
}

describe("a run loads the module of its command alone", () => {
  for (const command of ["deploy", "check"]) {
    test(`${command}, in a terminal`, () => {
      const { status, stderr } = only(command)(["pkg/cli.js", command]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /^error\[INPUT_INVALID\]: \d+ problems/);
    });

    test(`${command}, in the action`, () => {
      const { status, stdout } = only(command)(["action/index.mjs"], { INPUT_COMMAND: command });
      assert.equal(status, 2, stdout);
      assert.match(stdout, /error\[INPUT_INVALID\]: \d+ problems/);
    });

    test(`${command}, in a script`, () => {
      const script = `import { ${command} } from "./pkg/index.js";
        await ${command}({}, { env: {} }).catch(({ code, exitCode }) => console.log(code, exitCode));`;
      const { stdout, stderr } = only(command)(["--input-type=module", "--eval", script]);
      assert.equal(stdout, "INPUT_INVALID 2\n", stderr);
    });
  }

  test("what is said without a command is of deploy's", () => {
    const run = only("deploy");
    for (const words of [["--version"], ["--help"], []]) assert.equal(run(["pkg/cli.js", ...words]).status, 0);
    const { status, stderr } = run(["pkg/cli.js", "chck"]);
    assert.equal(status, 2);
    assert.match(stderr, /did you mean `check`\?/);
  });

  test("setup, which deploy's knows by its name alone", () => {
    assert.equal(only("deploy", "setup")(["pkg/cli.js", "setup", "--help"]).status, 0);
    const script = `import { setup } from "./pkg/index.js";
      await setup({}, { env: {} }).catch(({ code, exitCode }) => console.log(code, exitCode));`;
    const { stdout, stderr } = only("setup")(["--input-type=module", "--eval", script]);
    assert.equal(stdout, "INPUT_INVALID 2\n", stderr);
  });
});

test("a module that is not there is said, and is never green", () => {
  for (const command of COMMANDS) {
    const others = COMMANDS.filter((name) => name !== command);
    const { status, stderr } = only(...others)(["pkg/cli.js", command]);
    assert.equal(status, 1, command);
    assert.match(stderr, /^error\[INTERNAL\]/, command);
  }
});

test("a module that is asked for another's command names that one", async () => {
  const { given } = await import("../../pkg/host.js");
  for (const [command, other] of [
    ["deploy", "check"],
    ["check", "deploy"],
  ]) {
    const { open } = await import(`../../pkg/${command}.js`);
    const handover = given({ front: "command-line", arguments: [other, "--image=x"], environment: {} });
    assert.equal(open(handover).opening.module, other);
  }
});
