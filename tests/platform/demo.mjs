/**
 * The demonstration behind `npm run demo`: the real command line against the embedded platform and its registry, with a
 * deploy that works, one whose image is not there, and one that Houston refuses. It says what it shows, and fails if it
 * shows anything else; it leaves the machine as it found it, and talks to nothing but the loopback interface.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SERVICE_KEY, startPlatform } from "./index.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Far more than a deploy here takes; a demonstration that hangs is worse than one that fails. */
const LONGEST_DEPLOY = 9000;

/** The tool did something else than is to be shown; any other error is a fault of the demonstration. */
class Unexpected extends Error {}

/** A minute of the Airflows in a second, so that a roll-out can be watched here. */
const AIRFLOWS = { speed: 60 };
const WATCH = ["--workspace", "clworkspace0001", "--poll-interval", "200ms", "--stable-for", "1s", "--timeout", "8s"];

const platform = await startPlatform({ registry: {}, airflow: AIRFLOWS });
const image = (tag) => `${platform.registry.host}/acme/airflow:${tag}`;
try {
  say("An embedded Houston, a container registry and Airflows are running on this machine. Houston holds:");
  showDeployments();

  say(
    "\n1. A deploy that works: analytics-dev is to run another image. The version is read from the image's labels, and",
  );
  say("   the Deployment is watched until its schedulers are new and stay healthy.");
  const worked = await deploy("analytics-dev", image("1.4.2"));
  say("Houston now holds:");
  showDeployments();
  expect(worked === 0, `exit code 0, not ${worked}`);
  const { image: deployed, runtimeVersion } = platform.deployments.get("analytics-dev");
  expect(platform.airflows.get("analytics-dev").changes.length > 0, "the Airflow of analytics-dev to have rolled");
  expect(deployed === image("1.4.2") && runtimeVersion === "12.1.1", "analytics-dev to run the image");

  say("\n2. A tag that was never pushed: the registry is asked first, and Houston is not told of it.");
  const missing = await deploy("analytics-dev", image("1.4.3"));
  say("Houston still holds:");
  showDeployments();
  expect(missing === 3, `exit code 3, not ${missing}`);

  say("\n3. A deploy that Houston refuses: there is no Deployment analytics-test. A plain curl would end with 0 here.");
  const refused = await deploy("analytics-test", image("1.4.2"));
  say("Houston still holds:");
  showDeployments();
  expect(refused === 3, `exit code 3, not ${refused}`);
  expect(platform.applied.length === 1 && platform.created.length === 0, "nothing but the first deploy to be stored");

  say("\nAll three went as they should.");
} catch (error) {
  if (!(error instanceof Unexpected)) throw error;
  say(`\nThis is not what the demonstration is to show: expected was ${error.message}.`);
  process.exitCode = 1;
} finally {
  await platform.close();
}

/** Runs the command line as a user would, and gives its exit code. */
function deploy(release, image) {
  const flags = ["--release", release, "--image", image, ...WATCH];
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
