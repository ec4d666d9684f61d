/**
 * The command line as a process: what it leaves in its environment, and that it is red however it ends, unless the end
 * was proven.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { PASSWORD, staged, TOKEN, VIEWER } from "./run.mjs";

describe("the process", () => {
  /** Has Node run a text before the program, which is how a test looks inside. */
  const preloaded = (stage, text) => ({ NODE_OPTIONS: `--require=${stage.file("preload.cjs", text)}` });

  staged("has no secret in its environment once it has read them", async (stage) => {
    const script = `
      const { writeFileSync } = require("node:fs");
      const names = Object.keys(process.env);
      process.on("exit", () => writeFileSync("environment.json", JSON.stringify({ names, left: process.env })));`;
    const env = { ...preloaded(stage, script), ASTRONOMER_KEY_SECRET: VIEWER, HOUSTON_REGISTRY_PASSWORD: PASSWORD };
    const { code } = await stage.deploy(await stage.houston(), { "registry-username": "robot" }, { env });
    const { names, left } = JSON.parse(stage.read("environment.json"));
    assert.equal(code, 0);
    const secrets = ["HOUSTON_TOKEN", "ASTRONOMER_KEY_SECRET", "HOUSTON_REGISTRY_PASSWORD"];
    assert.deepEqual(
      secrets.filter((name) => names.includes(name) && !(name in left)),
      secrets,
    );
  });

  const failing = (text) =>
    `const send = fetch; globalThis.fetch = (...words) => { setImmediate(() => { ${text} }); return send(...words); };`;
  const quoting = `new Error(${JSON.stringify(TOKEN)})`;
  const ENDS = [
    [
      "a promise that never settles",
      "globalThis.fetch = () => new Promise(() => {}); globalThis.setTimeout = () => {};",
    ],
    ["an error in a callback", failing(`throw ${quoting};`)],
    ["an unhandled rejection", failing(`Promise.reject(${quoting});`)],
  ];
  for (const [name, text] of ENDS) {
    staged(`is red after ${name}`, async (stage) => {
      const houston = await stage.houston({ latency: 300 });
      const { code, stdout } = await stage.deploy(houston, {}, { env: preloaded(stage, text) });
      assert.deepEqual([code, stdout], [1, ""]);
    });
  }

  staged("names the Node that it needs where it runs on an older one", async (stage) => {
    const older = preloaded(stage, "delete process.getBuiltinModule;");
    const { code, stderr } = await stage.deploy(undefined, {}, { env: older });
    assert.equal(code, 1);
    assert.match(stderr, /^Error: houston-deploy needs Node 20\.19 or newer, and this is v\d/m);
  });

  staged("goes on though nobody reads what it says", async (stage) => {
    const houston = await stage.houston({ latency: 100 });
    const onStart = (child) => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const { code } = await stage.deploy(houston, {}, { onStart });
    assert.deepEqual([code, houston.applied.length], [0, 1]);
  });

  staged(
    "writes what is no plain file where it may, whoever's folder it is in",
    async (stage) => {
      const houston = await stage.houston();
      const { code, stderr } = await stage.deploy(houston, { "report-file": "/dev/null" });
      assert.equal(code, 0, stderr);
    },
    { skip: process.platform !== "linux" && "there is no /dev/null" },
  );

  staged(
    "says which file it could not write, and is red",
    async (stage) => {
      const houston = await stage.houston();
      const { code, stderr, stdout } = await stage.deploy(houston, { "report-file": "/dev/full" });
      assert.equal(code, 1);
      assert.match(stderr, /^error\[INTERNAL\]: "\/dev\/full" could not be written \(ENOSPC\)$/m);
      assert.match(stdout, /^deployed/);
    },
    { skip: process.platform !== "linux" && "there is no /dev/full" },
  );
});
