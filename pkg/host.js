// What the core borrows from Node: files, the fact whether a request's head was written, and the modules themselves. It
// decides nothing, and it leaves the process as it is.

if (!process.getBuiltinModule) {
  throw new Error(`houston-deploy needs Node 20.19 or newer, and this is ${process.version}`);
}

// Node's own modules without the facade that an import makes of each, which costs a few milliseconds of every start.
const { subscribe, unsubscribe } = process.getBuiltinModule("node:diagnostics_channel");
const {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = process.getBuiltinModule("node:fs");
const { dirname, sep } = process.getBuiltinModule("node:path");

/** The environment variables that are the core's business; the last three lead to docker's config file. */
const mine = /^(?:HOUSTON_|INPUT_|GITHUB_|CI_|ASTRONOMER_KEY_SECRET$|DOCKER_CONFIG$|HOME$|USERPROFILE$)/;

/** What no other program is to see. */
const secret = /^(?:HOUSTON_|ASTRONOMER_|INPUT_)/i;

/** Why a file cannot be had, in words that follow its path. */
const words = {
  EACCES: "may not be accessed",
  EISDIR: "is a folder",
  ENOENT: "does not exist",
  ENOTDIR: "is below something that is no folder",
  EPERM: "may not be accessed",
};

export function readFile(path, most) {
  let file;
  try {
    file = openSync(path, "r");
    const buffer = Buffer.allocUnsafe(most + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    return length > most ? `has more than ${most} bytes` : new Uint8Array(buffer.subarray(0, length));
  } catch (error) {
    return words[error.code] ?? "cannot be read";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether `writeWhole` could write there: what is no plain file itself, any other in the folder that it is in. */
function canWrite(path) {
  if (path === "" || path.endsWith("/") || path.endsWith(sep)) return "names no file";
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return "is a folder";
    const place = found?.isFile() === false ? path : dirname(found ? realpathSync(path) : path);
    if (place !== path && !statSync(place).isDirectory()) return words.ENOTDIR;
    accessSync(place, constants.W_OK);
  } catch (error) {
    return error.code === "ENOENT" ? "is in a folder that does not exist" : (words[error.code] ?? "cannot be written");
  }
}

function isCertificate(pem) {
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
    return found.map((one) => new X509Certificate(one)).length > 0;
  } catch {
    return false;
  }
}

/** The most characters that a credential helper may print. */
const MOST_PRINTED = 65_536;

/** Runs `docker-credential-<name> get`, without a shell and in a process group of its own, which `abort` ends. */
function credentials(name, server, abort) {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const posix = process.platform !== "win32";
  const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !secret.test(variable)));
  return new Promise((resolve) => {
    let printed = "";
    const helper = spawn(`docker-credential-${name}`, ["get"], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
      detached: posix,
      windowsHide: true,
    });
    const end = () => {
      if (helper.pid === undefined) return;
      if (!posix) {
        // Where there is no such program, the helper is left to its own end.
        spawn("taskkill", ["/pid", String(helper.pid), "/t", "/f"], { stdio: "ignore" }).on("error", () => {});
        return;
      }
      try {
        process.kill(-helper.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    abort.addEventListener("abort", end, { once: true });
    helper.on("error", () => resolve({ good: false }));
    helper.stdin.on("error", () => {}).end(server);
    helper.stdout.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (printed.length > MOST_PRINTED) end();
    });
    helper.on("close", (code) => {
      abort.removeEventListener("abort", end);
      resolve({ good: code === 0 && printed.length <= MOST_PRINTED, printed });
    });
  });
}

/** Writes a file whole or not at all; what is no plain file, such as a pipe, is written as it is. */
export function writeWhole(path, text) {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return writeFileSync(path, text);
  let target = path;
  try {
    target = realpathSync(path);
  } catch {
    // There is none yet.
  }
  const draft = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

// undici tells on one channel that a request was made and on the other that its head was written. A request that was
// seen on the first and not on the second was not sent; one that was seen on neither leaves it open, since another
// `fetch` may have taken its place.
const heads = new Map();
const headOf = new WeakMap();
const idOf = (headers) => /x-request-id(?::|,)\s*([0-9a-f]{32})/i.exec(String(headers))?.[1];
const onMade = ({ request }) => {
  const id = idOf(request.headers);
  // What is made a second time, as after 421, may have been written the first time.
  const head = heads.get(id) ?? { written: false };
  heads.set(id, head);
  headOf.set(request, head);
};
const onWritten = ({ request }) => {
  const head = headOf.get(request);
  if (head) head.written = true;
};

function headWritten(id) {
  const written = heads.get(id)?.written;
  heads.delete(id);
  return written;
}

let running = 0;

function watchHeads(on) {
  running += on ? 1 : -1;
  if (running !== (on ? 1 : 0)) return;
  const change = on ? subscribe : unsubscribe;
  change("undici:request:create", onMade);
  change("undici:client:sendHeaders", onWritten);
  heads.clear();
}

/** A hand-over as JSON, with what is the core's business of the environment alone. */
export function given(handover) {
  const known = Object.entries(handover.environment).filter(([name]) => mine.test(name));
  return JSON.stringify({ ...handover, environment: Object.fromEntries(known), wall: Date.now() });
}

/** The bytes of a command's module. */
export const moduleOf = (command) => readFileSync(new URL(`./wasm/houston_${command}_bg.wasm`, import.meta.url));

/** Gives the function that opens a run of a command, by the `glue` of its module. */
export function opener(command, { initSync, onPanic, Run }) {
  initSync({ module: moduleOf(command) });
  const panics = new Set();
  onPanic((message) => {
    for (const panicked of panics) panicked(message);
  });
  return (handover, onEvent) => open(Run, panics, handover, onEvent);
}

/**
 * Opens a run. `handover` is what `given` made of what `session.rs` says; `onEvent` gets each event as an object. The
 * result has `opening`, `cancel(terminate)` and `finish()`, whose promise is of what leaves the run, and which rejects
 * where the core panics.
 */
function open(Run, panics, handover, onEvent) {
  const run = new Run(handover, {
    readFile,
    canWrite,
    isCertificate,
    headWritten,
    credentials,
    emit: (event) => onEvent?.(JSON.parse(event)),
  });
  return {
    opening: JSON.parse(run.opening()),
    cancel: (terminate) => run.cancel(terminate),
    async finish() {
      watchHeads(true);
      let panicked;
      try {
        const panic = new Promise((_, reject) => {
          panicked = (message) => reject(new Error(message));
          panics.add(panicked);
        });
        return JSON.parse(await Promise.race([run.finish(), panic]));
      } finally {
        panics.delete(panicked);
        watchHeads(false);
      }
    },
  };
}
