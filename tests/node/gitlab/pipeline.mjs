/**
 * A user's project on a GitLab of its own, and a run of its pipeline by gitlab-ci-local. What stands in for GitLab's
 * job token, npm registry and git mirror belongs beside it here; what is tested, and what a test expects, never does.
 */

import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The Node that gitlab-ci-local runs on. */
const runnerNode = process.env.NODE24 || (Number.parseInt(process.versions.node, 10) >= 22 ? process.execPath : "");

const has = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

/** Why no pipeline can be run here, or undefined where it can. */
export function whyNot() {
  if (process.platform === "win32") return "gitlab-ci-local's shell executor needs a POSIX shell";
  if (!runnerNode) return "gitlab-ci-local needs Node 22 or newer: set NODE24 to one";
  for (const program of ["bash", "git", "rsync"]) {
    if (!has(program)) return `gitlab-ci-local needs ${program}`;
  }
  return undefined;
}

/** A folder of its own for a test, and `remove` for its end. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "houston-deploy-component-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** An environment that has nothing of this machine's owner: no token, no npm or git configuration. */
export function environment(home, more = {}) {
  const path = [join(home, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
  return {
    PATH: path,
    HOME: home,
    LANG: "C.UTF-8",
    TMPDIR: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "A. Author",
    GIT_AUTHOR_EMAIL: "author@example.com",
    GIT_COMMITTER_NAME: "A. Author",
    GIT_COMMITTER_EMAIL: "author@example.com",
    ...more,
  };
}

/** Puts a program on the PATH of the jobs. */
export function install(home, name, script) {
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(join(home, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

export function git(home, cwd, ...args) {
  const ended = spawnSync("git", args, { cwd, env: environment(home), encoding: "utf8", timeout: 20_000 });
  if (ended.status !== 0) throw new Error(`git ${args.join(" ")}: ${ended.stderr}`);
  return ended.stdout.trim();
}

/**
 * Makes a project that includes the component, as a folder `project` below `home`.
 *
 * @param {string} home
 * @param {{ inputs?: object, variables?: object, jobs?: object, files?: object }} [what] `variables` are the project's
 *   CI/CD variables, `jobs` what stands beside the component in its .gitlab-ci.yml
 */
export function makeProject(home, { inputs = {}, variables = {}, jobs = {}, files = {} } = {}) {
  const project = join(home, "project");
  mkdirSync(join(project, "templates"), { recursive: true });
  cpSync(join(root, "templates", "deploy.yml"), join(project, "templates", "deploy.yml"));
  const component = "$CI_SERVER_FQDN/$CI_PROJECT_PATH/deploy@$CI_COMMIT_SHA";
  const all = {
    ".gitlab-ci.yml": stringify({ include: [{ component, inputs: { environment: "dev", ...inputs } }], ...jobs }),
    ".gitlab-ci-local-variables.yml": stringify(variables),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(project, name), text);
  git(home, project, "init", "--quiet", "--initial-branch=main");
  git(home, project, "remote", "add", "origin", "https://gitlab.example.com/acme/pipelines.git");
  git(home, project, "add", ".");
  git(home, project, "commit", "--quiet", "--message=Deploy");
  return project;
}

/** Runs the pipeline of a project to its end, or does with it what the options say. */
export async function runPipeline(home, project, ...options) {
  const main = join(root, "node_modules", "gitlab-ci-local", "dist", "index.js");
  const args = [main, "--force-shell-executor", "--no-color", "--home", home, ...options];
  return ended(spawn(runnerNode, args, { cwd: project, env: environment(home), stdio: ["ignore", "pipe", "pipe"] }));
}

/** The exit code and all the output of a child, which has forty seconds. */
export async function ended(child) {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const late = setTimeout(() => child.kill("SIGKILL"), 40_000);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...how) => resolve(how));
  });
  clearTimeout(late);
  return { code, signal, output };
}

/** All the text below a folder, without what git and the test itself put there. */
export function allText(path, skip) {
  if (!existsSync(path)) return "";
  let text = "";
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !skip.some((part) => file.includes(part)))
      text += `\n${file}\n${readFileSync(file, "latin1")}`;
  }
  return text;
}
