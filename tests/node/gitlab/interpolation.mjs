/**
 * GitLab's own way with a component's inputs: they are pasted into the text of the file, which is read as YAML only
 * then. (gitlab-ci-local puts them into the parsed file, where nothing can break out.)
 *
 * Source: GitLab, lib/gitlab/ci/config/interpolation/text_template.rb and inputs/string_input.rb.
 */

import { parse, parseAllDocuments } from "yaml";

const BLOCK = /\$\[\[\s*inputs\.([\w-]+)\s*\]\]/g;

/** The header of a component's file, and the text behind it. */
export function taken(text) {
  const [header] = parseAllDocuments(text);
  return { inputs: header.toJS().spec.inputs, body: text.slice(text.indexOf("\n---\n") + 5) };
}

/** Why GitLab refuses a value for an input, or undefined where it takes it. */
export function refusal(input, value) {
  const type = input.type ?? "string";
  if (typeof value !== type) return `is no ${type}`;
  if (input.options && !input.options.includes(value)) return "is none of the options";
  if (input.regex && !new RegExp(input.regex).test(value)) return "does not match";
  return undefined;
}

/** The jobs that GitLab makes of the component with these inputs; the other inputs have their defaults. */
export function interpolated(text, given) {
  const { inputs, body } = taken(text);
  for (const [name, value] of Object.entries(given)) {
    const why = refusal(inputs[name], value);
    if (why) throw new Error(`${name} ${why}`);
  }
  const pasted = body.replace(BLOCK, (_, name) => {
    const value = given[name] ?? inputs[name]?.default;
    if (value === undefined) throw new Error(`${name} has no value`);
    if (typeof value !== "string") return JSON.stringify(value);
    // Within quotes libyaml, which GitLab reads with, takes a line at any depth, unless it ends the document.
    return value.replace(/\n(?!---|\.\.\.)/g, "\n      ");
  });
  return extended(parse(pasted));
}

/** The jobs with what they extend; those whose name starts with a dot are nothing but that. */
function extended(all) {
  const jobs = Object.entries(all).filter(([name]) => !name.startsWith("."));
  return Object.fromEntries(
    jobs.map(([name, { extends: base, ...job }]) => {
      if (base !== undefined && !all[base]) throw new Error(`${name} extends ${base}, which is not there`);
      return [name, { ...all[base], ...job }];
    }),
  );
}
