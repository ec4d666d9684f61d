/**
 * Answers that are made byte by byte, put in the place of Houston's answer to the change, of a registry's and of an
 * Airflow's: what is whole counts, what is not ends within its time with the code that it has to have, and nothing is
 * sent a second time for it. Many go together, so that what is wrong on one connection could harm another.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { deploy } from "houston-deploy";
import { asked, DEPLOYED, REPOSITORY } from "./preflight.mjs";
import { IMAGE, labelOf, NODES, staged, TOKEN } from "./run.mjs";
import { BAD, GOOD } from "./wires.mjs";

/** Good and bad ones in turns. */
const ALL = [
  ...Object.entries(BAD).map(([name, wire]) => ({ name, ...wire })),
  ...Object.entries(GOOD).map(([name, raw]) => ({ name, raw, good: true })),
].sort((one, other) => (one.name < other.name ? -1 : 1));

/** A few of each kind, for what takes longer. */
const SOME = ALL.filter(({ name }) =>
  [
    "HTTP/1.0, up to the end of the connection",
    "early hints before it",
    "the same once more",
    "closed instead",
    "half closed within the body",
    "silence within the body",
    "a drip of headers",
    "a head of 200 KB",
    "16 MB in a little gzip",
    "a chunk whose size is no number",
    "another protocol",
  ].includes(name),
);

/** Runs all of a list, a few at a time; gives what each came to, by the names. */
async function each(list, run, atOnce = 4) {
  const seen = {};
  const left = list.entries();
  const worker = async () => {
    for (const [index, item] of left) seen[item.name] = await run(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return Object.fromEntries(list.map(({ name }) => [name, seen[name]]));
}

/** Fails with those alone that came to something else. */
function assertEach(list, seen, expected) {
  const others = list.filter((wire) => !isDeepStrictEqual(seen[wire.name], expected(wire)));
  const shown = (of) => Object.fromEntries(others.map((wire) => [wire.name, of(wire)]));
  assert.deepEqual(
    shown(({ name }) => seen[name]),
    shown(expected),
  );
}

/** Runs the library; gives its report, whether it resolves or rejects. */
async function reported(stage, options) {
  const started = performance.now();
  const report = await deploy({ token: TOKEN, image: IMAGE, attempts: 1, ...options }, { env: {} }).catch(
    ({ report }) => report,
  );
  stage.received(JSON.stringify(report));
  return { report, milliseconds: performance.now() - started };
}

/** No more of an answer is read than there can be of a good one. */
const isLong = (error) => /the answer was longer than \d+ bytes/.test(error?.message);

describe("the answer to the change", () => {
  const kinds = [
    ["is whole, or it is open", ALL.filter(({ late }) => !late), "20s"],
    ["has its time and no more", ALL.filter(({ late }) => late), "1500ms"],
  ];
  for (const node of NODES) {
    for (const [name, list, time] of kinds) {
      staged(`${name}: ${labelOf(node)}`, async (stage) => {
        const releases = list.map((_, index) => `team-${index}`);
        const deployments = releases.map((releaseName) => ({ releaseName, image: IMAGE, runtimeVersion: "11.3.0" }));
        const houston = await stage.houston({ deployments });
        houston.faults.add(...list.map(({ raw }) => ({ on: "mutation", raw })));
        const options = { "platform-version": "0.34.1", attempts: 1, "request-timeout": time };
        const many = { concurrency: list.length, release: releases.join() };
        const { code, report, stderr } = await stage.deploy(houston, { ...options, ...many }, { node });
        assert.equal(code, 5, stderr);
        assert.match(stderr, /^hint: look at the Deployment's page/m);
        // The faults struck in the order in which the changes arrived.
        const struck = houston.requests.map(({ body }) => body.variables.releaseName);
        const seen = await each(list, (_, index) => {
          const result = report.results.find(({ release }) => release === struck[index]);
          const { change, error, mayHaveArrived, milliseconds } = result;
          return [change, error?.code, mayHaveArrived.length, milliseconds < 9000, isLong(error)];
        });
        const expected = ({ good, long = false }) =>
          good ? ["confirmed", undefined, 0, true, false] : ["unknown", "OUTCOME_UNKNOWN", 1, true, long];
        assertEach(list, seen, expected);
        assert.equal(struck.length, list.length);
      });
    }
  }
});

describe("the answer of a registry", () => {
  for (const node of NODES) {
    for (const [preflight, list] of [
      ["require", ALL],
      ["auto", SOME],
    ]) {
      staged(`is whole, or the look-up failed: ${preflight}, ${labelOf(node)}`, async (stage) => {
        const houston = await stage.houston();
        const seen = await each(list, async ({ raw, late }) => {
          const registry = await stage.registry();
          registry.faults.add({ on: "blob", times: Infinity, raw });
          const image = `${registry.host}/${REPOSITORY}:1.4.2`;
          const options = { image, preflight, attempts: 1, "request-timeout": late ? "1500ms" : "10s" };
          const given = { "platform-version": "0.34.1", "runtime-version": "12.1.1", wait: "off", output: "json" };
          const started = performance.now();
          const { stdout } = await stage.deploy(houston, { ...given, ...options }, { node });
          const report = JSON.parse(stdout);
          const blobs = asked(registry).filter((kind) => kind === "blob").length;
          const codes = [report.error?.code, ...report.warnings.map(({ code }) => code)].filter(Boolean);
          const told = isLong(report.error ?? report.warnings[0]);
          return [report.status, codes, blobs, performance.now() - started < 9000, told];
        });
        const expected = ({ good, begun, long = false }) => {
          if (good) return ["deployed", DEPLOYED.warnings, 1, true, false];
          const code = begun ? "REGISTRY_FAILED" : "REGISTRY_UNREACHABLE";
          return [preflight === "auto" ? "deployed" : "failed", [code], 1, true, long];
        };
        assertEach(list, seen, expected);
      });
    }
  }
});

/** The pages of the other line's Airflow are not there, and say so. */
const onGoodPages = (raw) => (body, socket, status) =>
  status === 200 ? raw(body, socket) : [`HTTP/1.1 ${status} Other\r\ncontent-length: 0\r\n\r\n`];

describe("the answer of an Airflow", () => {
  for (const wait of ["require", "auto"]) {
    staged(`is whole, or nothing is seen: ${wait}`, async (stage) => {
      const seen = await each(
        SOME,
        async ({ raw, late }) => {
          const houston = await stage.houston({ airflow: { speed: 60 } });
          houston.faults.add({ on: "airflow", times: Infinity, raw: onGoodPages(raw) });
          const { report, milliseconds } = await reported(stage, {
            houstonUrl: houston.url,
            release: "analytics-dev",
            runtimeVersion: "12.1.1",
            platformVersion: "0.34.1",
            workspace: "clworkspace0001",
            preflight: "off",
            wait,
            requestTimeout: late ? "300ms" : "5s",
            pollInterval: "200ms",
            stableFor: "800ms",
            timeout: "7s",
          });
          const [{ change, proof }] = report.results;
          const codes = [report.error?.code, ...report.warnings.map(({ code }) => code)].filter(Boolean);
          return [report.status, change, proof, codes, milliseconds < 12_000];
        },
        12,
      );
      const expected = ({ good }) => {
        if (good) return ["deployed", "confirmed", "restarted", [], true];
        return [wait === "auto" ? "deployed" : "unhealthy", "confirmed", "read", ["WAIT_IMPOSSIBLE"], true];
      };
      assertEach(SOME, seen, expected);
    });
  }
});
