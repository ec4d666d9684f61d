// Builds pkg/wasm from the sources: cargo, the generator, wasm-opt, once for each module. The same sources give the same
// bytes on any machine, in any folder. `--check` compares with what is committed instead of writing.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { bin, cache, fail, output, root, run, say } from "./run.mjs";

const target = "wasm32-unknown-unknown";
/** Each is a feature of the crate, and a module of its own: `houston_<name>`. */
const modules = ["deploy", "check", "setup"];
const check = process.argv.includes("--check");

if (output("cargo", ["--version"]) === undefined) fail("cargo is not installed: get Rust by rustup");
const sysroot = output("rustc", ["--print", "sysroot"]) ?? "";
if (!existsSync(join(sysroot, "lib", "rustlib", target))) {
  say(`adding the Rust target ${target}`);
  run("rustup", ["target", "add", target], { from: `the Rust target ${target} has to be installed another way` });
}

// The generator is built once a version, outside of the clone.
const sourcesOfGenerator = ["Cargo.lock", "src/main.rs"].map((name) => readFileSync(join(root, "tools/bindgen", name)));
const digest = createHash("sha256").update(Buffer.concat(sourcesOfGenerator)).digest("hex");
const generatorTarget = join(cache, `bindgen-${digest.slice(0, 12)}`);
const generator = join(generatorTarget, "debug", process.platform === "win32" ? "bindgen.exe" : "bindgen");
if (!existsSync(generator)) {
  say("building the wasm-bindgen generator (once, about a minute)");
  run("cargo", ["build", "--locked", "--quiet", "--manifest-path", "tools/bindgen/Cargo.toml"], {
    env: { ...process.env, CARGO_TARGET_DIR: generatorTarget },
  });
}

run("cargo", ["fetch", "--locked", "--quiet", "--target", target]);
// Paths of this machine would otherwise be in the module, in the places of panics.
const cargoHome = resolve(process.env.CARGO_HOME || join(homedir(), ".cargo"));
const sources = join(cargoHome, "registry", "src");
// The standard library's are those of its own build, unless its sources are installed: then they are turned back.
const commit = /^commit-hash: (.*)$/m.exec(output("rustc", ["-vV"]))?.[1];
const remapped = [
  [join(realpathSync(sysroot), "lib", "rustlib", "src", "rust"), `/rustc/${commit}`],
  [join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`],
  [root.replace(/[/\\]$/, ""), "houston-deploy"],
  [cargoHome, "cargo"],
  ...(existsSync(sources) ? readdirSync(sources).map((folder) => [join(sources, folder), "crates"]) : []),
];
// For size alone: half of the usual stack, below which every address is a byte shorter; no copies of expressions and of
// loop counters for the sake of speed; and no copy of a function where calling it is as short, which what calls others
// itself is counted to be more often than by default.
const llvm = ["enable-pre=false", "disable-lsr", "inline-threshold=0", "inline-call-penalty=50"];
const small = ["-Clink-arg=-zstack-size=524288", ...llvm.map((flag) => `-Cllvm-args=-${flag}`)];
const rustflags = [...remapped.map(([from, to]) => `--remap-path-prefix=${from}=${to}`), ...small];
const env = {
  ...process.env,
  CARGO_TARGET_DIR: join(root, "target"),
  CARGO_ENCODED_RUSTFLAGS: rustflags.join("\x1f"),
};

/**
 * The glue with the short names by which the module and it now know each other's functions, and without what nobody
 * takes: the way to load a module from a server, and a registry that frees what Rust has given away for good. (It would
 * keep something of each request until all memory is searched.)
 */
function withNames({ imports, exports }, glue, module) {
  const ours = new Map(imports.map(([, long, short]) => [long, short]));
  const theirs = new Map(exports);
  return glue
    .replaceAll(JSON.stringify(module), '"a"')
    .replace("export { initSync, __wbg_init as default };", "export { initSync };")
    .replace("const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')", "const CLOSURE_DTORS = (true)")
    .replaceAll(/^( +)(__wb\w+)(?=: function)/gm, (_, space, long) => space + (ours.get(long) ?? long))
    .replaceAll(/\bwasm\.(\w+)/g, (_, long) => `wasm.${theirs.get(long) ?? long}`);
}

const generated = join(root, "target", "generated");
rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
const features = [
  "bulk-memory",
  "reference-types",
  "multivalue",
  "sign-ext",
  "nontrapping-float-to-int",
  "mutable-globals",
];
for (const name of modules) {
  say(`building the module ${name}`);
  // As a library of Rust as well, which the manifest says for the tests' sake, all that is public would be kept apart:
  // a twentieth more.
  const only = ["--no-default-features", "--features", name, "--crate-type", "cdylib"];
  run("cargo", ["rustc", "--locked", "--release", "--quiet", "--lib", "--target", target, ...only], { env });
  run(generator, [join(root, "target", target, "release", "houston_deploy.wasm"), generated, `houston_${name}`]);
  const module = join(generated, `houston_${name}_bg.wasm`);
  const renamed = output(bin("wasm-opt"), [
    ...features.map((feature) => `--enable-${feature}`),
    // The lowest addresses are the far end of the stack, where nothing is ever read: an offset may be folded into them.
    ...["--low-memory-unused", "--flatten", "--rereloop", "-Oz", "-Oz"],
    ...["--minify-imports-and-exports-and-modules", "--strip-debug", "--strip-producers", "--strip-target-features"],
    ...[module, "-o", module],
  ]);
  if (renamed === undefined) fail("wasm-opt failed");
  // The generated glue is half comments and long names, which every start of the program would read.
  const glue = join(generated, `houston_${name}.js`);
  writeFileSync(glue, withNames(JSON.parse(renamed), readFileSync(glue, "utf8"), `./houston_${name}_bg.js`));
  run(bin("terser"), [glue, "--module", "--compress", "passes=2", "--mangle", "--output", glue]);
}

// What the command line shows when it is asked to comes from the same tables, and is no weight in the module.
const help = output("cargo", ["run", "--locked", "--quiet", "--example", "help"]);
if (help === undefined) fail("cargo run --example help failed");
const helps = ["help.json", "setup-help.json"];
help.split("\n").forEach((texts, index) => {
  writeFileSync(join(generated, helps[index]), `${texts}\n`);
});

const folder = join(root, "pkg", "wasm");
mkdirSync(folder, { recursive: true });
const files = [...modules.flatMap((name) => [`houston_${name}.js`, `houston_${name}_bg.wasm`]), ...helps];
for (const file of files) {
  const built = readFileSync(join(generated, file));
  const path = join(folder, file);
  if (check) {
    if (!existsSync(path) || !readFileSync(path).equals(built)) {
      fail(`pkg/wasm/${file} is not what the sources build: run npm run wasm and commit it`);
    }
  } else {
    writeFileSync(path, built);
  }
  if (file.endsWith(".wasm")) {
    const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
    say(`${file}: ${kilobytes(built.length)}, ${kilobytes(gzipSync(built, { level: 9 }).length)} gzipped`);
  }
}
say(check ? "pkg/wasm is what the sources build" : "pkg/wasm is written");
