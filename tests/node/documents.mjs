/**
 * The documentation as data: its pages, the fenced blocks in them, and the places that the examples speak of. What is
 * right, and what is done with a block, is the tests' to say.
 */

import { readdirSync, readFileSync } from "node:fs";
import { ROOT } from "./run.mjs";

export const PAGES = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export const textOf = (page) => readFileSync(`${ROOT}${page}`, "utf8");

/** What the examples call what is embedded in the tests. */
export const EXAMPLE = {
  baseDomain: "astro.example.com",
  registry: "registry.example.com",
  tag: "1.4.2",
};

/** The Deployments that the examples deploy to. */
export const DEPLOYMENTS = ["galactic-force-1234", "analytics-dev", "analytics-prod"].map((releaseName) => ({
  releaseName,
  workspace: "clworkspace0001",
  runtimeVersion: "11.3.0",
  image: "registry.example.com/acme/airflow:1.0.0",
}));

/** An Airflow of which a minute passes in less than one second, and how long it is then to be watched. */
export const AIRFLOW = { speed: 100 };
export const WATCH = { "stable-for": "600ms", "poll-interval": "100ms", timeout: "10s" };

/**
 * The fenced blocks of a page, in order. `before` is the block right above, with nothing but an empty line between.
 *
 * @returns {{ page: string, line: number, language: string, text: string, before?: object }[]}
 */
export function blocksOf(page) {
  const blocks = [];
  let open;
  for (const [index, line] of textOf(page).split("\n").entries()) {
    const [, fence, language] = /^( *```+)(.*)$/.exec(line) ?? [];
    if (open && fence) {
      open = undefined;
    } else if (fence) {
      const last = blocks.at(-1);
      const before = last && last.line + last.text.split("\n").length + 1 === index ? last : undefined;
      open = { page, line: index + 1, language: language.trim(), indented: fence.startsWith(" "), text: "", before };
      blocks.push(open);
    } else if (open) {
      open.text += `${line}\n`;
    }
  }
  return blocks;
}

/** All blocks of these languages. */
export const blocksIn = (...languages) =>
  PAGES.flatMap(blocksOf).filter(({ language }) => languages.includes(language));

export const placeOf = ({ page, line }) => `${page}:${line}`;

/** What a run printed, with the names of the examples for what is embedded, and without what differs each time. */
export function asInExamples(text, { houston = "", registry = "" } = {}) {
  let shown = text;
  if (houston) {
    shown = shown.replaceAll(houston, `https://houston.${EXAMPLE.baseDomain}/v1`);
    shown = shown.replaceAll(new URL("/", houston).href, `https://deployments.${EXAMPLE.baseDomain}/`);
  }
  if (registry) shown = shown.replaceAll(registry, EXAMPLE.registry);
  return shown
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/(?:\d+ (?:h|min) )?\d+(?:\.\d+)? (?:ms|s|min|h)(?= )/g, "<duration>")
    .replace(/sha256:[0-9a-f]{64}/g, "<digest>")
    .replace(/[0-9a-f]{32}/g, "<request>");
}
