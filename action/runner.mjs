// GitHub's formats: commands on standard output, files for outputs and the step summary. Whatever it is given is data:
// nothing in it can become a command, another output, or break out of its place. It decides nothing.
import { randomUUID } from "node:crypto";
import { appendFileSync, statSync } from "node:fs";

/** GitHub's limit for all outputs of a job: 1 MiB, counted in UTF-16, two bytes for most characters. */
const LARGEST_OUTPUTS = (1024 * 1024) / 2;

/** GitHub's limit for the summary of a step, in bytes; of a larger one it shows nothing at all. */
const LARGEST_SUMMARY = 1024 * 1024;

const CUT = "\n\nThe rest did not fit into a step summary: see the report.\n";

/** Has the runner hide a text in everything that comes after this. */
export function mask(secret) {
  // Unbroken, since only the exact text is hidden; a line that is a command is not searched for another.
  print(`::add-mask::${data(secret)}\n`);
}

/** A command, alone on its line. */
export function command(name, properties, text) {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${property(broken(value))}`);
  print(`::${name}${pairs.length > 0 ? ` ${pairs.join(",")}` : ""}::${data(broken(text))}\n`);
}

/** Lines of the log, in which nothing acts. */
export function log(text) {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  print(lines.map((line) => `${inert(line)}\n`).join(""));
}

/**
 * Writes the outputs. Where they do not fit, the largest are left empty; their names are given back.
 *
 * @param {Record<string, string>} outputs
 * @returns {string[]}
 */
export function writeOutputs(outputs) {
  const entries = Object.entries(outputs).map(([name, value]) => output(name, value));
  let size = entries.reduce((sum, { text }) => sum + text.length, 0);
  const left = [];
  for (const entry of [...entries].sort((one, other) => other.text.length - one.text.length)) {
    if (size <= LARGEST_OUTPUTS) break;
    size -= entry.text.length;
    entry.text = output(entry.name, "").text;
    left.push(entry.name);
  }
  const path = process.env.GITHUB_OUTPUT;
  if (path) appendFileSync(path, entries.map(({ text }) => text).join(""));
  return left;
}

/** Appends to the step summary, as many whole lines as fit. */
export function writeSummary(text) {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  const free = LARGEST_SUMMARY - (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const bytes = Buffer.from(text);
  if (bytes.length <= free) {
    appendFileSync(path, bytes);
  } else if (free > CUT.length) {
    const end = bytes.lastIndexOf("\n", free - CUT.length - 1) + 1;
    appendFileSync(path, Buffer.concat([bytes.subarray(0, end), Buffer.from(CUT)]));
  }
}

/** With a delimiter that could be foreseen, a value could end its own output and begin another. */
function output(name, value) {
  let delimiter;
  do {
    delimiter = `end_of_output_${randomUUID()}`;
  } while (value.includes(delimiter));
  return { name, text: `${name}<<${delimiter}\n${value}\n${delimiter}\n` };
}

function data(text) {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text) {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

/** A line that starts with `::` is a command; white space before it, and characters that nobody sees, do not help. */
function inert(line) {
  return broken(line).replace(/^([^\x21-\x7e]*):([^\x20-\x7e]*):/, "$1: $2:");
}

/** `##[` is a command wherever in a line it stands. */
function broken(text) {
  return text.replace(/#([^\x20-\x7e]*)#([^\x20-\x7e]*)\[/g, "#$1#$2 [");
}

function print(text) {
  process.stdout.write(text);
}
