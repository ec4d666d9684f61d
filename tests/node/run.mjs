/**
 * The stage for the tests that look from outside: starts the command line and the action as processes with nothing in
 * their environment but what the test gives, and the servers that they talk to. When a test ends, nothing that it
 * started is left, and no secret may be found anywhere but where it belongs. What is right is the tests' to say.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startPlatform, startRegistry } from "../platform/index.mjs";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const CLI = join(ROOT, "pkg/cli.js");
export const ACTION = join(ROOT, "action/index.mjs");

/** The files below a folder. (To list one with all below it follows links in Node 24, and with them to the clone.) */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

const MAJOR = Number(process.versions.node.split(".")[0]);

/** The Node that the action runs on, and the only one of the two that takes a proxy or a CA once it runs. */
export const NODE24 = MAJOR >= 24 ? process.execPath : process.env.NODE24;
export const NODE20 = MAJOR === 20 ? process.execPath : undefined;

/** For tests that are the same on every Node. */
export const NODES = [...new Set([process.execPath, ...(NODE24 ? [NODE24] : [])])];

export const labelOf = (node) => (node === process.execPath ? `Node ${MAJOR}` : "Node 24");

export const SKIP_WITHOUT_24 = NODE24 ? false : "NODE24 does not name a Node 24";
export const SKIP_WITHOUT_20 = NODE20 ? false : "these tests do not run on Node 20";

/** The secrets of every test. Each form in which one could get out of the program differs from the others. */
export const TOKEN = 'canary/+"\\~=key-7f3a9c51e8d2b604';
export const VIEWER = 'canary/+"\\~=viewer-0b5d1c7e94a2f368';
export const PASSWORD = 'canary/+"\\~=password-52e9d40ab7c6318f';
/** What the registries of the tests issue, and what can be exchanged for it. */
export const ISSUED = "canary+~=issued-c1d84e07ba593f62";
export const IDENTITY = "canary+~=identity-9e3b60f7d25a1c84";
/** The password within the pull secret of a Deployment's own registry. */
export const PULL = 'canary/+"\\~=pull-4d07b8e61f3ac295';
export const SECRETS = [TOKEN, VIEWER, PASSWORD, ISSUED, IDENTITY, PULL];

export const IMAGE = "registry.example.com/acme/airflow:1.4.2";

/** Far more than anything here takes; what takes longer hangs, and is to fail. */
const LONGEST_TEST = 30_000;
const LONGEST_RUN = 12_000;

/** Every place that a run can write its results to: each is searched for secrets. */
const FILES = {
  "report-file": "report.json",
  "summary-file": "summary.md",
  "junit-file": "junit.xml",
  "dotenv-file": "deploy.env",
  "annotations-file": "annotations.json",
};

/** What `deploy` is given where a test does not say otherwise; `undefined` leaves an option out. */
const DEFAULTS = {
  release: "analytics-dev",
  image: IMAGE,
  "runtime-version": "12.1.1",
  preflight: "off",
  wait: "off",
};

/**
 * A test with a stage of its own.
 *
 * @param {string} name
 * @param {(stage: Stage) => Promise<void>} body
 * @param {{ skip?: string | false }} [options]
 */
export function staged(name, body, { skip = false } = {}) {
  test(name, { timeout: LONGEST_TEST, skip }, async () => {
    const stage = new Stage();
    try {
      await body(stage);
      stage.assertNothingLeaked();
    } finally {
      await stage.close();
    }
  });
}

export class Stage {
  folder = mkdtempSync(join(tmpdir(), "houston-deploy-test-"));
  #seen = [];
  #inputs = new Set();
  #platforms = [];
  #registries = [];
  #closing = [];
  #children = new Set();

  /** Starts an embedded platform that knows the secrets. */
  async houston(options) {
    const tokens = [
      { value: TOKEN, kind: "service", role: "editor" },
      { value: VIEWER, kind: "service", role: "viewer" },
    ];
    const platform = await startPlatform({ tokens, ...options });
    this.#platforms.push(platform);
    return platform;
  }

  /** Starts an embedded registry, whose token server issues what is looked for everywhere. */
  async registry({ auth, ...options } = {}) {
    const registry = await startRegistry({ auth: { token: ISSUED, ...auth }, ...options });
    this.#registries.push(registry);
    return registry;
  }

  /** Has something done when the stage closes, last things first. */
  onClose(close) {
    this.#closing.unshift(close);
  }

  /** A folder for what is none of the program's business, and may hold secrets. */
  folderOutside(name) {
    const folder = mkdtempSync(join(tmpdir(), `houston-deploy-${name}-`));
    this.#closing.push(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Lets a server of the test's own listen on the loopback interface, and gives its port. */
  async listen(server) {
    const sockets = new Set();
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    });
    return server.address().port;
  }

  /** Takes note of what reached a server of the test's own, and is to be without secrets. */
  received(text) {
    this.#seen.push(["a server", text]);
  }

  /** Writes a file for the program to read, and gives its path. */
  file(name, text) {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    this.#inputs.add(name);
    return path;
  }

  path(name) {
    return join(this.folder, name);
  }

  has(name) {
    return existsSync(this.path(name));
  }

  read(name) {
    return readFileSync(this.path(name), "utf8");
  }

  /** The options that name a file for each form of the report; `run` tells several runs of one test apart. */
  files(run = "") {
    return Object.fromEntries(Object.entries(FILES).map(([option, name]) => [option, this.path(run + name)]));
  }

  /**
   * Runs `deploy` against a platform, with a file for each form of the report.
   *
   * @param {{ url: string } | undefined} platform
   * @param {Record<string, unknown>} [options] by the contract's names; true stands alone
   * @param {{ node?: string, env?: object, onStart?: (child: object) => void, longest?: number }} [how]
   */
  deploy(platform, options, how) {
    return this.#command("deploy", platform, options, how);
  }

  /** Runs `check`, with the same options. */
  check(platform, options, how) {
    return this.#command("check", platform, options, how);
  }

  #command(command, platform, options = {}, { env, ...how } = {}) {
    const given = { "houston-url": platform?.url, ...DEFAULTS, ...this.files(), ...options };
    const flags = Object.entries(given).filter(([, value]) => value !== undefined);
    const words = flags.map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
    return this.cli([command, ...words], { env: { HOUSTON_TOKEN: TOKEN, ...env }, ...how });
  }

  /** Runs the command line. */
  cli(words, how = {}) {
    return this.#run(how.node ?? process.execPath, [CLI, ...words], how);
  }

  /** Runs the action the way the runner does: on Node 24, with every input in the environment. */
  async action(platform, inputs = {}, { env, ...how } = {}) {
    const given = { "houston-url": platform?.url, token: TOKEN, ...DEFAULTS, ...inputs };
    const named = Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, String(value ?? "")]);
    const files = { GITHUB_OUTPUT: this.path("github-output"), GITHUB_STEP_SUMMARY: this.path("github-summary") };
    for (const path of Object.values(files)) writeFileSync(path, "", { flag: "a" });
    return this.#run(NODE24, [ACTION], { env: { ...files, ...Object.fromEntries(named), ...env }, ...how });
  }

  async #run(node, words, { env = {}, onStart, longest = LONGEST_RUN }) {
    const { PATH } = process.env;
    const child = spawn(node, words, {
      cwd: this.folder,
      env: { PATH, HOME: this.folder, TMPDIR: this.folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    const started = performance.now();
    const timer = setTimeout(() => child.kill("SIGKILL"), longest);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => {
        output[name] += text;
      });
    }
    onStart?.(child);
    const [code, signal] = await once(child, "close");
    clearTimeout(timer);
    this.#children.delete(child);
    // The action has to name its secrets to the runner, which is fine at the very start and nowhere else.
    const stdout = words[0] === ACTION ? output.stdout.replace(/^(?:::add-mask::.*\n)+/, "") : output.stdout;
    this.#seen.push(["standard output", stdout], ["standard error", output.stderr]);
    const report = readdirSync(this.folder).includes("report.json") ? JSON.parse(this.read("report.json")) : undefined;
    return { code, signal, ...output, report, milliseconds: performance.now() - started };
  }

  /** Looks for every secret in every form, wherever something could have been written. */
  assertNothingLeaked() {
    const seen = [...this.#seen];
    for (const path of filesIn(this.folder)) {
      const name = relative(this.folder, path);
      if (!this.#inputs.has(name)) seen.push([`the file ${name}`, this.read(name)]);
    }
    for (const { requests } of this.#platforms) {
      for (const { path, headers, rawBody, operation, release } of requests) {
        const { authorization, ...others } = headers;
        const body = operation === "mutation" ? withoutPullSecret(rawBody) : rawBody;
        seen.push(["a request", JSON.stringify([path, body]) + path + body + Object.values(others).join("\n")]);
        assertShown(authorization, [TOKEN, VIEWER], operation === "airflow" ? `the Airflow of ${release}` : "Houston");
      }
    }
    for (const { requests } of this.#registries) {
      for (const { kind, method, path, headers, rawBody } of requests) {
        const { authorization, ...others } = headers;
        // A refresh token is exchanged by the form that is posted to the token server, and by nothing else.
        const body =
          kind === "token" && method === "POST" ? rawBody.replace(encodeURIComponent(IDENTITY), "") : rawBody;
        seen.push(["a request to a registry", `${path}\n${body}\n${Object.values(others).join("\n")}`]);
        if (kind === "storage") assertShown(authorization, [], "a storage");
        else assertShown(authorization, [PASSWORD, IDENTITY, ISSUED], "a registry");
      }
    }
    for (const [where, text] of seen) assertNoSecret(text, where);
  }

  async close() {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const platform of this.#platforms) await platform.close();
    for (const registry of this.#registries) await registry.close();
    for (const close of this.#closing) await close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The one place in which Houston is told a pull secret. */
function withoutPullSecret(body) {
  const whole = JSON.parse(body);
  // A request that another program wrote may have its values in the query.
  if (!whole.variables) return body;
  const { dockerconfigjson: _, ...variables } = whole.variables;
  return JSON.stringify({ ...whole, variables });
}

/** Fails where a server was shown another secret than it may see. */
function assertShown(authorization, allowed, where) {
  const [, basic] = /^basic (.+)$/i.exec(authorization ?? "") ?? [];
  const shown = basic ? Buffer.from(basic, "base64").toString() : (authorization ?? "");
  for (const secret of SECRETS.filter((secret) => !allowed.includes(secret))) {
    assert.ok(!shown.includes(secret), `${where} was shown the secret "…${secret.slice(-16, -13)}…"`);
  }
}

/** Fails without showing the text, since it would show the secret as well. */
export function assertNoSecret(text, where) {
  for (const secret of SECRETS) {
    const name = secret.replace(/.*=/, "");
    for (const [form, needle] of Object.entries(formsOf(secret))) {
      assert.ok(!text.includes(needle), `${where} holds the secret "…${name.slice(0, 3)}…", ${form}`);
    }
  }
}

/** A secret in every form in which it could get out. */
export function formsOf(secret) {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  const everyByte = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  return {
    raw: secret,
    base64,
    base64url: base64.replaceAll("+", "-").replaceAll("/", "_"),
    "URL-escaped": encodeURIComponent(secret),
    "URL-escaped throughout": everyByte,
    "JSON-escaped": JSON.stringify(secret).slice(1, -1),
    "without its start": secret.slice(-16),
  };
}
