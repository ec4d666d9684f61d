/**
 * The reference registry, Debian's `docker-registry`, on the loopback interface, in each of the ways in which it lets
 * people in, and skopeo to push to it. A test takes what it needs; all of it ends with the stage.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { selfSigned } from "../../platform/index.mjs";
import { writeLayout } from "./layout.mjs";
import { ISSUER, SERVICE, tokenServer } from "./token-server.mjs";

const PROGRAMS = ["docker-registry", "skopeo", "htpasswd"];

const missing = PROGRAMS.filter((program) => spawnSync(program, ["--version"]).error);

/** Why the tests with the reference registry are left out, or false where they are not. */
export const SKIP_REFERENCE = missing.length > 0 && `not installed here: ${missing.join(", ")}`;

/** It starts within a second; what takes longer is broken. */
const LONGEST_START = 8000;

/**
 * Starts the reference registry.
 *
 * @param {import("../run.mjs").Stage} stage
 * @param {object} [how]
 * @param {"open" | "htpasswd" | "token"} [how.auth]
 * @param {{ name: string, password: string, actions: string[] }[]} [how.users] a pusher first, where there is auth
 * @param {string[]} [how.anonymous] with tokens: the repositories that everyone may pull from
 * @param {boolean} [how.tls] whether it has a certificate, which only those trust who are told to
 */
export async function startReference(stage, { auth = "open", users = [], anonymous, tls = false } = {}) {
  // What it is told and what it stores is not what the program under test wrote, and holds the passwords.
  const folder = stage.folderOutside("reference-registry");
  const config = { version: "0.1", log: { level: "info", accesslog: { disabled: true } } };
  config.storage = { filesystem: { rootdirectory: join(folder, "storage") } };
  config.http = { addr: "127.0.0.1:0", secret: "of the tests" };

  const certificate = tls && selfSigned();
  if (tls) {
    mkdirSync(join(folder, "trusted"));
    const files = { certificate: join(folder, "trusted", "ca.crt"), key: join(folder, "tls.key") };
    writeFileSync(files.certificate, certificate.cert);
    writeFileSync(files.key, certificate.key, { mode: 0o600 });
    config.http.tls = files;
  }
  if (auth === "htpasswd") {
    const path = join(folder, "htpasswd");
    writeFileSync(path, users.map(htpasswdLine).join(""));
    config.auth = { htpasswd: { realm: "reference registry", path } };
  }
  let tokens;
  if (auth === "token") {
    const signer = selfSigned();
    tokens = tokenServer({ signer, users, anonymous });
    const bundle = join(folder, "signer.crt");
    writeFileSync(bundle, signer.cert);
    const realm = `http://127.0.0.1:${await stage.listen(tokens.server)}/auth`;
    config.auth = { token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: bundle } };
  }

  const path = join(folder, "config.yml");
  // JSON is YAML as well.
  writeFileSync(path, JSON.stringify(config));
  const port = await started(stage, path);
  const host = `127.0.0.1:${port}`;
  return {
    host,
    /** PEM of its own authority, where it has TLS. */
    ca: certificate?.cert,
    /** With tokens: what its token server was asked. */
    tokenRequests: tokens?.requests,
    /** Pushes images to a repository, each under its tag: as they are, or turned into docker's format. */
    push: (repository, images, format) => push({ folder, host, repository, images, format, user: users[0], tls }),
  };
}

/** Starts the process, and gives the port that it says it listens on. */
async function started(stage, config) {
  const child = spawn("docker-registry", ["serve", config], { env: {}, stdio: ["ignore", "ignore", "pipe"] });
  stage.onClose(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_START);
  const said = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const port = /msg="listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (!port) continue;
    clearTimeout(timer);
    // Nobody reads on, so that a full pipe must not stop it.
    child.stderr.resume();
    return Number(port);
  }
  throw new Error(`docker-registry did not start:\n${said.join("\n")}`);
}

function htpasswdLine({ name, password }) {
  const made = spawnSync("htpasswd", ["-niBC", "4", name], { input: password, encoding: "utf8" });
  assert.equal(made.status, 0, "htpasswd failed");
  return `${made.stdout.trim()}\n`;
}

async function push({ folder, host, repository, images, format, user, tls }) {
  const layout = join(folder, "layout");
  writeLayout(layout, images);
  const authfile = join(folder, "skopeo-auth.json");
  const auth = user && Buffer.from(`${user.name}:${user.password}`).toString("base64");
  writeFileSync(authfile, JSON.stringify({ auths: user ? { [host]: { auth } } : {} }), { mode: 0o600 });
  const trust = tls ? [`--dest-cert-dir=${join(folder, "trusted")}`] : ["--dest-tls-verify=false"];
  for (const tag of Object.keys(images)) {
    const kind = format === "docker" ? "--format=v2s2" : "--preserve-digests";
    const flags = ["--all", kind, `--dest-authfile=${authfile}`, ...trust];
    const where = [`oci:${layout}:${tag}`, `docker://${host}/${repository}:${tag}`];
    // The server that grants the tokens may be in this very process, which must not stand still meanwhile.
    const child = spawn("skopeo", ["--insecure-policy", "copy", "--quiet", ...flags, ...where], {
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ["ignore", "ignore", "pipe"],
      timeout: LONGEST_START,
      killSignal: "SIGKILL",
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0, `skopeo could not push "${tag}": ${said}`);
  }
}
