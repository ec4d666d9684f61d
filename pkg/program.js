// What the command line and the action do alike, as programs that own their process: proxy and CA for the whole
// process, secrets taken out of the environment, files written, signals, and an end that is green only if it was
// proven.
import { given, writeWhole } from "./host.js";

process.exitCode = 1;

const environment = process.env;
const proxied = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].some((name) => environment[name]);

/** What the core is told of this process. */
export const surroundings = { environment, canTrust: false, proxyIgnored: false, proxyInvalid: false };

if (proxied) {
  // A token for this machine must never go to a proxy. `fetch` knows no ranges in `no_proxy`, so that each address of
  // 127.0.0.0/8 which is named anywhere stands there itself.
  const named = [...process.argv, ...Object.values(environment)].join(" ").match(/\b127(?:\.\d{1,3}){3}\b/g) ?? [];
  const loopback = [...new Set(["localhost", "127.0.0.1", "::1", "[::1]", ...named])].join(",");
  const direct = environment.no_proxy || environment.NO_PROXY;
  // An asterisk, which is everything, is one only where it stands alone.
  const both = direct ? `${direct},${loopback}` : loopback;
  environment.no_proxy = environment.NO_PROXY = direct === "*" ? direct : both;
  const { default: http } = await import("node:http");
  try {
    if (http.setGlobalProxyFromEnv) http.setGlobalProxyFromEnv(environment);
    else surroundings.proxyIgnored = !environment.NODE_USE_ENV_PROXY;
  } catch {
    // The error quotes the address, which may have a password in it.
    surroundings.proxyInvalid = true;
  }
}

let tls;
if (
  environment["INPUT_CA-CERT"] ||
  environment.HOUSTON_CA_CERT ||
  process.argv.some((word) => word.startsWith("--ca-cert"))
) {
  tls = (await import("node:tls")).default;
  surroundings.canTrust = typeof tls.setDefaultCACertificates === "function";
}

let ended = false;

/** Ends the process once all that was written has left it. */
export function exit(code) {
  ended = true;
  process.exitCode = code;
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}

function fault(error) {
  // Only the place: the message of an error could quote anything.
  const place = /[\w.-]+\.m?js:\d+|\([\w/.-]+\.rs:\d+\)/.exec(`${error?.message} ${error?.stack}`)?.[0] ?? "";
  process.stderr.write(`error[INTERNAL]: this program failed: ${error?.name ?? "unknown"} ${place}\n`);
  process.stderr.write("hint: report this with the log at the project's issue tracker\n");
  exit(1);
}

process.on("exit", () => {
  // Nothing is left to wait for, and the work is not done: a promise was lost on the way.
  if (!ended) process.stderr.write("error[INTERNAL]: this program ended before its work was done\n");
});
process.on("uncaughtException", fault);
process.on("unhandledRejection", fault);
for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads us has gone; the deploy goes on.
  stream.on("error", () => {});
}

/** The module of a command. */
const module = (command) => import(`./${command}.js`);

/**
 * Runs to the end: `named` is the command by its first look, `begin` is told the opening before anything is sent, `end`
 * gets what leaves the run.
 */
export async function main(named, handover, { onEvent, begin, end }) {
  try {
    // Before anything is taken out of the environment.
    const whole = given({ ...surroundings, ...handover });
    let run = (await module(named === "check" ? named : "deploy")).open(whole, onEvent);
    const { secrets, module: other } = run.opening;
    if (other) run = (await module(other)).open(whole, onEvent);
    for (const name of secrets) delete environment[name];
    begin?.(run.opening);
    if (run.opening.caCert) {
      tls.setDefaultCACertificates([...tls.getCACertificates("default"), run.opening.caCert]);
    }
    let cancelled = false;
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ]) {
      process.on(signal, () => {
        if (cancelled) {
          ended = true;
          process.exit(code);
        }
        cancelled = true;
        run.cancel(signal === "SIGTERM");
      });
    }
    const leaving = await run.finish();
    let code = leaving.exitCode;
    for (const [path, text] of leaving.files) {
      try {
        writeWhole(path, text);
      } catch (error) {
        process.stderr.write(`error[INTERNAL]: ${JSON.stringify(path)} could not be written (${error.code})\n`);
        code = Math.max(code, 1);
      }
    }
    await end(leaving);
    exit(code);
  } catch (error) {
    fault(error);
  }
}
