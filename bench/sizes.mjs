// How large what a user's runner loads is.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../tools/run.mjs";
import { kilobytes, limited, row, table } from "./table.mjs";

/** The module before it could look an image up, in bytes. */
const BEFORE_LOOK_UP = 205_732;

/** What `setup` alone loads. */
const isSetups = (path) => /[/\\](?:houston_)?setup[^/\\]*$/.test(path);

const size = (path) => statSync(path).size;
const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

export function sizes() {
  const [deploy, setup] = ["deploy", "setup"].map((name) => join(root, `pkg/wasm/houston_${name}_bg.wasm`));
  const files = ["pkg", "pkg/wasm", "action"]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .filter((path) => statSync(path).isFile());
  const total = (some) => some.reduce((sum, path) => sum + size(path), 0);

  table("Sizes", "size");
  row("module before it could look an image up", kilobytes(BEFORE_LOOK_UP));
  row("module has grown since then by", kilobytes(size(deploy) - BEFORE_LOOK_UP));
  limited("module, as the look-up was to leave it", [], size(deploy), 145 * 1024, kilobytes);
  limited("module, in the end", [], size(deploy), 190 * 1024, kilobytes);
  limited("module in the end, gzipped", [], gzipped(deploy), 90 * 1024, kilobytes);
  limited(
    "all that a runner loads, without setup",
    [],
    total(files.filter((path) => !isSetups(path))),
    340 * 1024,
    kilobytes,
  );
  row("module of setup, which nothing else loads", kilobytes(size(setup)));
  row("module of setup, gzipped", kilobytes(gzipped(setup)));
}
