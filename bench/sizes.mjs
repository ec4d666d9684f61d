// How large what a user's runner loads is.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../tools/run.mjs";
import { kilobytes, limited, row, table } from "./table.mjs";

/** The module before it could look an image up, in bytes. */
const BEFORE_LOOK_UP = 205_732;

/** The commands that a pipeline runs, each of which loads a module of its own. */
const COMMANDS = ["deploy", "check"];

const size = (path) => statSync(path).size;
const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;
const moduleOf = (command) => join(root, `pkg/wasm/houston_${command}_bg.wasm`);

/** What a runner has to read for a command: all that there is, but for what another command alone loads. */
function loaded(command) {
  const isOthers = [...COMMANDS, "setup"].filter((name) => name !== command);
  const others = new RegExp(`[/\\\\](?:houston_)?(?:${isOthers.join("|")})(?:[_.-][^/\\\\]*)?$`);
  return ["pkg", "pkg/wasm", "action"]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .filter((path) => statSync(path).isFile() && !others.test(path));
}

export function sizes() {
  table("Sizes", "size");
  row("module of deploy before it could look an image up", kilobytes(BEFORE_LOOK_UP));
  row("module of deploy, against that", kilobytes(size(moduleOf("deploy")) - BEFORE_LOOK_UP));
  for (const command of COMMANDS) {
    limited(`module of ${command}`, [], size(moduleOf(command)), 190 * 1024, kilobytes);
    limited(`module of ${command}, gzipped`, [], gzipped(moduleOf(command)), 90 * 1024, kilobytes);
    const all = loaded(command).reduce((sum, path) => sum + size(path), 0);
    limited(`all that a runner loads for ${command}`, [], all, 340 * 1024, kilobytes);
  }
  row("module of setup", kilobytes(size(moduleOf("setup"))));
  row("module of setup, gzipped", kilobytes(gzipped(moduleOf("setup"))));
}
