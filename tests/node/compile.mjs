/** The TypeScript compiler, in its strictest setting, over a text that uses this package. It judges nothing itself. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

const OPTIONS = {
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  lib: ["ES2023"],
  types: ["node"],
};

/** Compiles a text in a folder that has this package as a dependency; gives the compiler's words, empty if it is content. */
export function compile(text, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "houston-deploy-test-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(ROOT, join(folder, "node_modules/houston-deploy"), "dir");
    symlinkSync(join(ROOT, "node_modules/@types"), join(folder, "node_modules/@types"), "dir");
    writeFileSync(join(folder, "sample.ts"), text);
    const compilerOptions = { ...OPTIONS, module: "nodenext", ...options };
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["sample.ts"] }));
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const run = spawnSync(tsc, ["--project", folder], { encoding: "utf8", timeout: 50_000 });
    assert.equal(run.error, undefined);
    return run.stdout + run.stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
