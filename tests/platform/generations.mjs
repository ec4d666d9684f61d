/**
 * Which schema a platform of a given version has, and that schema without the mutations that this platform lacks.
 * It knows nothing of tokens, Deployments or HTTP.
 */

import { readFileSync } from "node:fs";
import { Kind, parse, visit } from "graphql";

/** The generations of the schema; each is named after the first version that has it. */
export const GENERATIONS = ["0.29", "1.0.1", "2.1"];

/**
 * The generation of a platform version. A version that is not known gets the oldest one, as its mutation takes what
 * either form of the input sends; a pre-release of 2.1.0 still counts as 2.0.
 *
 * @param {string | null} version
 * @returns {string}
 */
export function generationOf(version) {
  if (version === null || isBefore(version, [1, 0, 1])) return "0.29";
  const isPreReleaseOf210 = /^2\.1\.0-/.test(version);
  return isBefore(version, [2, 1, 0]) || isPreReleaseOf210 ? "1.0.1" : "2.1";
}

/**
 * Whether a version is lower than the given numbers; a pre-release suffix is left out of it.
 *
 * @param {string} version
 * @param {[number, number, number]} numbers
 */
export function isBefore(version, numbers) {
  const parsed = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!parsed) throw new TypeError(`platform version "${version}" is not of the form 1.2.3`);
  for (const [index, number] of numbers.entries()) {
    const own = Number(parsed[index + 1]);
    if (own !== number) return own < number;
  }
  return false;
}

/**
 * The schema of a generation as a document, without the fields of Mutation that `hidden` names.
 *
 * @param {string} generation
 * @param {string[]} hidden
 */
export function schemaOf(generation, hidden = []) {
  if (!GENERATIONS.includes(generation)) {
    throw new TypeError(`generation "${generation}" is none of ${GENERATIONS.join(", ")}`);
  }
  const text = readFileSync(new URL(`schema/${generation}.graphql`, import.meta.url), "utf8");
  return visit(parse(text), {
    [Kind.OBJECT_TYPE_DEFINITION]: (type) => (type.name.value === "Mutation" ? undefined : false),
    [Kind.FIELD_DEFINITION]: (field) => (hidden.includes(field.name.value) ? null : undefined),
  });
}
