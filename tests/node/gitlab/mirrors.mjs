/**
 * Where a pipeline gets the program from, on the loopback interface: an npm registry with one package, and a GitLab
 * with one git repository that only a job token opens. Both remember what they were asked.
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { environment, git, root } from "./pipeline.mjs";

async function listen(answer) {
  const server = http.createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The package as npm packs it. */
export function packed(home) {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", home];
  const ended = spawnSync("npm", args, { cwd: root, env: environment(home), encoding: "utf8", timeout: 30_000 });
  if (ended.status !== 0) throw new Error(`npm pack: ${ended.stderr}`);
  const name = readdirSync(home).find((file) => file.endsWith(".tgz"));
  return readFileSync(join(home, name));
}

/**
 * A registry that has `tarball` as houston-deploy.
 *
 * @param {Buffer} tarball
 * @param {string} version
 * @param {{ broken?: boolean }} [how] `broken`: the package is another than the one that it promises
 */
export async function startRegistry(tarball, version, { broken = false } = {}) {
  const asked = [];
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const server = await listen((request, response) => {
    asked.push(request.url);
    if (request.url === "/houston-deploy") {
      const dist = { tarball: `${server.url}/houston-deploy-${version}.tgz`, integrity };
      const versions = { [version]: { name: "houston-deploy", version, dist } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name: "houston-deploy", "dist-tags": { latest: version }, versions }));
    } else if (request.url === `/houston-deploy-${version}.tgz`) {
      response.end(broken ? tarball.subarray(0, -1) : tarball);
    } else {
      response.writeHead(404).end("{}");
    }
  });
  return { ...server, asked };
}

/** A bare repository with what a mirror of this project has, tagged with the version. */
export function makeMirror(home, version) {
  const work = join(home, "mirror");
  mkdirSync(work);
  for (const name of ["package.json", "pkg"]) cpSync(join(root, name), join(work, name), { recursive: true });
  git(home, work, "init", "--quiet", "--initial-branch=main");
  git(home, work, "add", ".");
  git(home, work, "commit", "--quiet", "--message=Release");
  git(home, work, "tag", `v${version}`);
  const repositories = join(home, "repositories");
  mkdirSync(join(repositories, "tools"), { recursive: true });
  git(home, work, "clone", "--quiet", "--bare", work, join(repositories, "tools", "houston-deploy.git"));
  return repositories;
}

/**
 * A GitLab that serves the repositories by git's own HTTP program to who has the job token.
 *
 * @param {string} home
 * @param {string} repositories
 * @param {string} token
 * @param {{ redirectTo?: string }} [how] `redirectTo`: where it sends every request instead
 */
export async function startGitlab(home, repositories, token, { redirectTo } = {}) {
  const wanted = `Basic ${Buffer.from(`gitlab-ci-token:${token}`).toString("base64")}`;
  const asked = [];
  const server = await listen((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    if (redirectTo) return response.writeHead(302, { location: redirectTo + request.url }).end();
    if (request.headers.authorization !== wanted) {
      return response.writeHead(401, { "www-authenticate": 'Basic realm="GitLab"' }).end();
    }
    serveGit(home, repositories, request, response);
  });
  return { ...server, asked };
}

/** One request by the CGI protocol of git http-backend (RFC 3875). */
function serveGit(home, repositories, request, response) {
  const [path, query = ""] = request.url.split("?");
  const child = spawn("git", ["http-backend"], {
    env: environment(home, {
      GIT_PROJECT_ROOT: repositories,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
    }),
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.on("close", () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf("\r\n\r\n");
    const fields = answer.subarray(0, Math.max(end, 0)).toString().split("\r\n");
    const headers = Object.fromEntries(fields.map((field) => field.split(/:\s*/, 2)).filter(([name]) => name));
    const status = Number.parseInt(headers.Status ?? "200", 10);
    delete headers.Status;
    response.writeHead(end < 0 ? 500 : status, headers).end(answer.subarray(end + 4));
  });
}
