// The library: the core as functions. It decides nothing and leaves the process as it is.
import { given, writeWhole } from "./host.js";

/** Why a deploy or a set-up did not end well. */
export class DeployError extends Error {
  constructor({ code, message, hint }, exitCode, report) {
    super(message);
    this.name = "DeployError";
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
    this.report = report;
  }
}

/** What JSON would drop or could not hold goes over as what no option takes, so that the core names the option. */
function sendable(value) {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? item : null));
  return Number.isFinite(value) ? value : {};
}

function handover(options, environment) {
  const named = typeof options === "object" && !Array.isArray(options) ? Object.entries(options ?? {}) : undefined;
  const properties = named ? Object.fromEntries(named.map(([name, value]) => [name, sendable(value)])) : [];
  return { front: "library", properties, environment };
}

/** Throws where a run did not end well. */
function ended(report, exitCode) {
  if (exitCode !== 0) throw new DeployError(report.error, exitCode, report);
}

function asDeployError(error, report) {
  if (error instanceof DeployError) return error;
  const fault = { code: "INTERNAL", message: `this program failed: ${error.message}`, hint: null };
  return new DeployError(fault, 1, report);
}

/** Makes up what the platform needs, and changes nothing; index.d.ts has the options. */
export async function setup(options = {}, { env = process.env } = {}) {
  let report = null;
  try {
    const whole = given(handover(options, env));
    const { open } = await import("./setup.js");
    const leaving = await open(whole).finish();
    report = JSON.parse(leaving.report);
    ended(report, leaving.exitCode);
    return report;
  } catch (error) {
    throw asDeployError(error, report);
  }
}

/** Points Deployments at an image; index.d.ts has the options. */
export function deploy(options, surroundings) {
  return run("deploy", options, surroundings);
}

/** Looks at everything that `deploy` would look at, and changes nothing. */
export function check(options, surroundings) {
  return run("check", options, surroundings);
}

async function run(command, options = {}, { signal, onEvent, env = process.env } = {}) {
  const listening = [];
  let report = null;
  let cancel;
  // A listener that throws would otherwise end the core in the middle of its work, and one whose promise is rejected
  // the whole process.
  const threw = (error) => listening.push(error);
  const tell = (event) => {
    try {
      onEvent?.(event)?.then?.(undefined, threw);
    } catch (error) {
      threw(error);
    }
  };
  try {
    const whole = given({ ...handover(options, env), check: command === "check" });
    const { open } = await import(`./${command}.js`);
    const run = open(whole, tell);
    cancel = () => run.cancel(false);
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const leaving = await run.finish();
    report = JSON.parse(leaving.report);
    let unwritten;
    for (const [path, text] of leaving.files) {
      try {
        writeWhole(path, text);
      } catch (error) {
        unwritten ??= error;
      }
    }
    // How the run ended says more than that a file is missing.
    ended(report, leaving.exitCode);
    if (unwritten) throw unwritten;
  } catch (error) {
    throw asDeployError(error, report);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
  if (listening.length > 0) throw listening[0];
  return report;
}
