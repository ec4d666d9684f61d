// The library: the core as a function. It decides nothing and leaves the process as it is.
import { open, writeWhole } from "./host.js";

/** Why a deploy did not end well. */
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

/** Points Deployments at an image; index.d.ts has the options. */
export async function deploy(options, { signal, onEvent, env = process.env } = {}) {
  const run = open({ front: "library", properties: options ?? {}, environment: env }, onEvent);
  const cancel = () => run.cancel(false);
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const leaving = await run.finish();
    for (const [path, text] of leaving.files) writeWhole(path, text);
    const report = JSON.parse(leaving.report);
    if (leaving.exitCode !== 0) throw new DeployError(report.error, leaving.exitCode, report);
    return report;
  } catch (error) {
    if (error instanceof DeployError) throw error;
    const fault = { code: "INTERNAL", message: `this program failed: ${error.message}`, hint: null };
    throw new DeployError(fault, 1, null);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
