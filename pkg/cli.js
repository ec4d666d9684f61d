#!/usr/bin/env node
// The command line: arguments in, lines out. What the arguments mean, what is done and what is said is the core's.
import { main } from "./program.js";

const { stdout, stderr } = process;
const live = stderr.isTTY && !process.env.CI;
const started = performance.now();
let doing = "";
let ticking;

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)}s`.padStart(7);

function clearLive() {
  if (live) stderr.write("\r\x1b[K");
}

function drawLive() {
  const line = `${seconds(performance.now() - started)}  ${doing}`;
  stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
}

function onEvent({ type, release, message, milliseconds, warning }) {
  const about = release ? `${release}: ` : "";
  clearLive();
  if (warning) {
    stderr.write(`warning[${warning.code}]: ${warning.message}\n${warning.hint ? `hint: ${warning.hint}\n` : ""}`);
  } else {
    stderr.write(`${seconds(milliseconds)}  ${about}${message}\n`);
    if (type === "progress") doing = about + message;
  }
  if (live && doing) ticking ??= setInterval(drawLive, 200);
}

const words = process.argv.slice(2);
main(
  words[0],
  { front: "command-line", arguments: words },
  {
    onEvent,
    end: (leaving) => {
      clearInterval(ticking);
      clearLive();
      stderr.write(leaving.stderr);
      if (leaving.say) {
        const { readFileSync } = process.getBuiltinModule("node:fs");
        const read = (name) => JSON.parse(readFileSync(new URL(`./wasm/${name}.json`, import.meta.url), "utf8"));
        const texts = read("help");
        const text = texts[leaving.say] ?? read(`${leaving.say}-help`)[leaving.say];
        stdout.write(text.replace("{options}", () => texts.options));
      }
      stdout.write(leaving.stdout);
    },
  },
);
