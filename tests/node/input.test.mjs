/**
 * Input, good and bad, by the command line: each problem is named with its option, its value (never a secret) and what
 * would be right, all of them at once, with exit code 2, and nothing is sent.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { userToken } from "../platform/index.mjs";
import { IMAGE, PASSWORD, staged, TOKEN } from "./run.mjs";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const LONG = "a".repeat(54);

const domain = (text) => ({ "houston-url": undefined, "base-domain": text });

/** Options beside good ones, and what is said of them. */
const BAD = [
  [{ "airflow-version": "2.9.1" }, "airflow-version: is given beside `runtime-version`"],
  [{ "runtime-version": undefined }, "runtime-version: is missing"],
  [{ image: undefined }, "image: is missing"],
  [{ image: "a/b" }, 'image: "a/b" has neither a tag nor a digest'],
  [{ image: "registry:5000/a/b" }, 'image: "registry:5000/a/b" has neither a tag nor a digest'],
  [{ image: "a/b@sha256:abc" }, 'image: "a/b@sha256:abc" has a sha256 digest of 3 digits, 64 are needed'],
  [{ image: "a/B:1" }, "image: \"a/B:1\" has upper-case letter 'B' at position 3 of the repository name"],
  [{ image: "https://r.example.com/a:1" }, 'image: "https://r.example.com/a:1" is a URL: leave out "https://"'],
  [{ release: LONG }, `release: "${LONG}" has 54 characters, 53 at most`],
  [{ release: "Dev" }, "release: \"Dev\" has upper-case letter 'D' at position 1 of the release name"],
  [domain("https://astro.example.com"), 'base-domain: "https://astro.example.com" is a URL: leave out "https://"'],
  [domain("astro.example.com/v1"), 'base-domain: "astro.example.com/v1" has a path: give the domain alone'],
  [
    domain("astro.example.com:443"),
    'base-domain: "astro.example.com:443" has a port: give the domain alone, or all of',
  ],
  [domain("[fd00::1]"), 'base-domain: "[fd00::1]" is an IP address: a base domain is a name'],
  [domain("10.0.0.1"), 'base-domain: "10.0.0.1" is an IP address: a base domain is a name'],
  [{ "base-domain": "astro.example.com" }, "base-domain: is given beside `houston-url`"],
  [
    { "houston-url": "http://houston.astro.example.com/v1" },
    'houston-url: "http://houston.astro.example.com/v1" would send the token unprotected: use https://',
  ],
  [{ "houston-url": "http://127.0.0.1.example.com/v1" }, "would send the token unprotected"],
  [{ relese: "x" }, "relese: is no option\nhint: did you mean `--release`?"],
  [{ "dry-rnu": true }, "dry-rnu: is no option\nhint: did you mean `--dry-run`?"],
  [{ token: "abc" }, "token: cannot be given by a flag\nhint: set HOUSTON_TOKEN in the environment"],
  [{ "token-file": "no-such-file" }, 'token-file: "no-such-file" does not exist'],
  [{ "release-file": "no-such-file" }, 'release-file: "no-such-file" does not exist'],
  [{ "report-file": "no/such/report.json" }, 'report-file: "no/such/report.json" is in a folder that does not exist'],
  [{ "junit-file": "." }, 'junit-file: "." is a folder'],
  [{ "junit-file": "" }, 'junit-file: "" names no file'],
  [{ "summary-file": "summaries/" }, 'summary-file: "summaries/" names no file'],
  [{ attempts: 0 }, 'attempts: "0" is no whole number from 1 to 20'],
  [{ timeout: "10" }, 'timeout: "10" is no duration: it needs a whole number and ms, s, m or h'],
  [{ wait: "perhaps" }, 'wait: "perhaps" is none of auto, require, off'],
  [{ "poll-interval": "5ms" }, 'poll-interval: "5ms" is shorter than 100ms'],
  [{ shard: "3/2" }, 'shard: "3/2" is no part of a list'],
  [{ "platform-version": "new" }, "platform-version: \"new\" has unexpected character 'n' at position 1"],
];

describe("bad input", () => {
  for (const [options, said] of BAD) {
    staged(said.split("\n")[0].slice(0, 90), async (stage) => {
      const houston = await stage.houston();
      const { code, stdout, stderr } = await stage.deploy(houston, { "report-file": undefined, ...options });
      assert.ok(stderr.includes(said), stderr);
      assert.match(stderr, /^error\[INPUT_INVALID\]: /);
      assert.deepEqual({ code, stdout, sent: houston.requests.length }, { code: 2, stdout: "", sent: 0 });
    });
  }

  staged("none at all names all that is missing", async (stage) => {
    const { code, stdout, stderr } = await stage.cli(["deploy"]);
    const missing = ["base-domain", "token", "release", "image"];
    assert.match(stderr, /^error\[INPUT_INVALID\]: 4 problems with the input, nothing was sent\n/);
    assert.deepEqual(
      [...stderr.matchAll(/^ {2}([a-z-]+): is missing$/gm)].map(([, option]) => option),
      missing,
    );
    assert.equal(stderr.match(/^ {4}hint: /gm).length, 4);
    assert.deepEqual([code, stdout], [2, ""]);
  });

  staged("all problems come at once", async (stage) => {
    const options = { image: "a/B:1", release: "Dev,dev_", attempts: "many", "poll-interval": "5ms", colour: "red" };
    const { code, report } = await stage.deploy(undefined, options, { env: { HOUSTON_TOKEN: "" } });
    const named = report.error.problems.map(({ option }) => option);
    const wrong = ["colour", "base-domain", "token", "release", "release", "image", "poll-interval", "attempts"];
    assert.deepEqual([code, report.status, report.results], [2, "refused", []]);
    assert.deepEqual(named.sort(), wrong.sort());
  });

  staged("a token with a newline is described, never shown", async (stage) => {
    const houston = await stage.houston();
    const { code, stderr } = await stage.deploy(houston, {}, { env: { HOUSTON_TOKEN: `${TOKEN}\n${PASSWORD}` } });
    assert.match(stderr, /^error\[INPUT_INVALID\]: token: has a line break at position \d+ of \d+\n/);
    assert.deepEqual([code, houston.requests.length], [2, 0]);
  });

  const HIDDEN = [
    ["https://user:hunter-two@h.example.com/v1", '"https://***@h.example.com/v1" has a user name or password in it'],
    ["https://hunter-two@h.example.com/v1", '"https://***@h.example.com/v1" has a user name or password in it'],
    ["https://user:hunter-two@h.example.com:port/v1", "houston-url"],
    ["user:hunter-two@h.example.com/v1", "houston-url"],
    ["https:/user:hunter-two@h.example.com/v1", "houston-url"],
  ];
  for (const [url, said] of HIDDEN) {
    staged(`a password inside houston-url is not echoed: ${url}`, async (stage) => {
      const { code, stdout, stderr } = await stage.deploy({ url });
      assert.ok(stderr.includes(said), stderr);
      assert.doesNotMatch(stdout + stderr + stage.read("report.json"), /hunter-two/);
      assert.equal(code, 2);
    });
  }

  staged("an expired user token is told before anything is sent", async (stage) => {
    const houston = await stage.houston();
    const expired = userToken({ exp: Date.UTC(2026, 0, 1) / 1000 });
    const { code, stderr, report } = await stage.deploy(houston, {}, { env: { HOUSTON_TOKEN: expired } });
    assert.match(stderr, /^error\[TOKEN_EXPIRED\]: token: expired .* ago, at 2026-01-01 00:00 UTC\nhint: log in/);
    assert.ok(!(stderr + stage.read("report.json")).includes(expired.split(".")[1]));
    assert.deepEqual([code, report.error.code, houston.requests.length], [2, "TOKEN_EXPIRED", 0]);
  });
});

describe("good input", () => {
  for (const image of ["registry:5000/a/b:1", `${IMAGE}@${DIGEST}`, `a/b@${DIGEST}`]) {
    staged(`the image ${image.slice(0, 40)}`, async (stage) => {
      const houston = await stage.houston();
      const { code, report } = await stage.deploy(houston, { image });
      assert.deepEqual([code, report.image.reference], [0, image]);
      assert.deepEqual(
        houston.applied.map((change) => change.image),
        [image],
      );
    });
  }

  staged("1,000 releases with duplicates, each done once", async (stage) => {
    const names = Array.from({ length: 1000 }, (_, index) => `team-${index}`);
    const houston = await stage.houston({ deployments: names.map((releaseName) => ({ releaseName })) });
    const list = stage.file("releases.txt", `# all teams\n${names.join("\n")}\n\nteam-7 # again\n`);
    const options = { release: "team-1, team-2 team-3", "release-file": list, concurrency: 64 };
    const { code, report, stderr } = await stage.deploy(houston, { ...options, "platform-version": "0.34.1" });
    assert.equal(code, 0, stderr.slice(-500));
    const applied = houston.applied.map(({ release }) => release);
    assert.deepEqual([applied.length, new Set(applied).size, report.results.length], [1000, 1000, 1000]);
    const order = ["team-1", "team-2", "team-3", "team-0", "team-4"];
    assert.deepEqual(
      report.results.slice(0, 5).map(({ release }) => release),
      order,
    );
    const warning = "team-1 and 3 more are named again and done once";
    assert.deepEqual(
      report.warnings.map(({ code, message }) => [code, message]),
      [["INPUT_INVALID", warning]],
    );
  });

  staged("a token from a file, with Bearer before it and a line break behind", async (stage) => {
    const houston = await stage.houston();
    const options = { "token-file": stage.file("token", `Bearer ${TOKEN}\n`) };
    const { code } = await stage.deploy(houston, options, { env: { HOUSTON_TOKEN: "" } });
    assert.equal(code, 0);
    assert.deepEqual(new Set(houston.requests.map(({ headers }) => headers.authorization)), new Set([TOKEN]));
  });

  staged("flag before environment, and variables of others ignored", async (stage) => {
    const houston = await stage.houston();
    const env = {
      HOUSTON_RELEASE: "analytics-prod",
      HOUSTON_IMAGE: "a/b:2",
      HOUSTON_SOMEBODY: "else",
      CI_NODE_INDEX: "9",
    };
    const { code } = await stage.deploy(houston, { image: undefined, release: "analytics-dev" }, { env });
    assert.deepEqual([code, houston.applied[0].release, houston.applied[0].image], [0, "analytics-dev", "a/b:2"]);
  });

  staged("the vendor's own variable for the token", async (stage) => {
    const houston = await stage.houston();
    const env = { HOUSTON_TOKEN: "", ASTRONOMER_KEY_SECRET: TOKEN };
    assert.equal((await stage.deploy(houston, {}, { env })).code, 0);
  });
});
