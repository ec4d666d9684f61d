/**
 * The demonstration behind `npm run demo`: the real command line against the embedded platform, once with a deploy that
 * works and once with one that Houston refuses. It says what it shows, and fails if it shows anything else; it leaves
 * the machine as it found it, and talks to nothing but the loopback interface.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SERVICE_KEY, startPlatform } from "./index.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Far more than a deploy here takes; a demonstration that hangs is worse than one that fails. */
const LONGEST_DEPLOY = 4000;

const IMAGE = "registry.example.com/acme/airflow:1.4.2";
const FLAGS = ["--image", IMAGE, "--runtime-version", "12.1.1", "--preflight", "off", "--wait", "off"];

/** The tool did something else than is to be shown; any other error is a fault of the demonstration. */
class Unexpected extends Error {}

const platform = await startPlatform();
try {
  say("An embedded Houston is running on this machine. It holds:");
  showDeployments();

  say("\n1. A deploy that works: analytics-dev is to run another image.");
  const worked = await deploy("analytics-dev");
  say("Houston now holds:");
  showDeployments();
  expect(worked === 0, `exit code 0, not ${worked}`);
  expect(platform.deployments.get("analytics-dev").image === IMAGE, "analytics-dev to run the image");

  say("\n2. A deploy that Houston refuses: there is no Deployment analytics-test. A plain curl would end with 0 here.");
  const refused = await deploy("analytics-test");
  say("Houston still holds:");
  showDeployments();
  expect(refused === 3, `exit code 3, not ${refused}`);
  expect(platform.applied.length === 1 && platform.created.length === 0, "nothing but the first deploy to be stored");

  say("\nBoth went as they should.");
} catch (error) {
  if (!(error instanceof Unexpected)) throw error;
  say(`\nThis is not what the demonstration is to show: expected was ${error.message}.`);
  process.exitCode = 1;
} finally {
  await platform.close();
}

/** Runs the command line as a user would, and gives its exit code. */
function deploy(release) {
  const flags = ["--release", release, ...FLAGS];
  say(`\n   HOUSTON_URL=${platform.url} HOUSTON_TOKEN="$HOUSTON_TOKEN" \\`);
  say(`     node pkg/cli.js deploy ${flags.join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const tool = spawn(process.execPath, ["pkg/cli.js", "deploy", ...flags], {
      cwd: ROOT,
      env: { ...plainEnvironment(), HOUSTON_URL: platform.url, HOUSTON_TOKEN: SERVICE_KEY },
      stdio: "inherit",
      timeout: LONGEST_DEPLOY,
      killSignal: "SIGKILL",
    });
    tool.on("error", reject);
    tool.on("close", (code, signal) => {
      say(`\nIt ended with ${signal ? `the signal ${signal}` : `exit code ${code}`}.`);
      resolve(code ?? signal);
    });
  });
}

/** The environment without options of the tool, so that a user's own settings do not change what is shown. */
function plainEnvironment() {
  const isOption = (name) => /^(HOUSTON|ASTRONOMER)_/i.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOption(name)));
}

function showDeployments() {
  for (const { releaseName, image, runtimeVersion } of platform.deployments.values()) {
    say(`   ${releaseName.padEnd(16)}${image}   (Runtime ${runtimeVersion})`);
  }
}

function expect(isSo, what) {
  if (!isSo) throw new Unexpected(what);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
