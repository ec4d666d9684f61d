/**
 * What an embedded Airflow can be told, with the defaults. What is not known here, or has another form, is a slip of
 * the pen in a test and is refused. Nothing here says what an Airflow does with it.
 */

/** The parts of an Airflow that have jobs, heartbeats and pods of their own. */
export const KINDS = ["scheduler", "triggerer", "dagProcessor"];

/**
 * How an Airflow takes a change that Houston made. All times are milliseconds of the model's clock, counted from the
 * change.
 *
 * @typedef {object} Roll
 * @property {Mode | { scheduler?: Mode, triggerer?: Mode, dagProcessor?: Mode, web?: Mode }} [pods] one for all, or one
 *   for each; "replaced" where left out
 * @property {number} [startAfter] the new pods start
 * @property {number} [oldEndAfter] the old ones end; where host names are ordinals, the new ones start no sooner
 * @property {number} [stagger] how much later each further pod of a kind does either
 * @property {number} [oldStay] how many old pods of each kind stay beside the new ones for good
 * @property {"success" | "killed"} [ending] how the old ones end; the row of a killed one goes on saying "running", and
 *   turns to "failed" after five minutes
 * @property {number} [crashLives] how long a process lives that is to crash
 * @property {number} [crashPause] how long its pod then waits before it starts the next one
 * @property {"failed" | "killed"} [crashEnding]
 * @property {number} [webAfter] the web server's pod is replaced; it answers with the new version from then on
 * @property {string} [version] the version that it then has, instead of what Houston was told
 * @property {Downtime[]} [downtime] when the web server is not there
 * @property {Break[]} [breaks] when a part is not healthy
 *
 * "crash" means that one new pod of the kind crashes again and again beside the old ones, which stay; "restart" that
 * the process starts anew once in each old pod. A web server crashes and restarts as one that is kept: the old one
 * answers.
 * @typedef {"replaced" | "kept" | "crash" | "restart"} Mode
 * @typedef {404 | 502 | 503 | 504 | "reset" | "hang"} Trouble
 * @typedef {{ from: number, until?: number, as?: Trouble }} Downtime for good, and 502, where left out
 * @typedef {{ from: number, until?: number, part?: "scheduler" | "triggerer" | "dagProcessor" | "metadatabase" }} Break
 *   for good, and the scheduler, where left out. Heartbeats of a broken part stand still
 */

/** @type {Required<Omit<Roll, "version">>} */
const ROLL_DEFAULTS = {
  pods: "replaced",
  startAfter: 10_000,
  oldEndAfter: 25_000,
  stagger: 0,
  oldStay: 0,
  ending: "success",
  crashLives: 15_000,
  crashPause: 10_000,
  crashEnding: "failed",
  webAfter: 20_000,
  downtime: [],
  breaks: [],
};

/**
 * @typedef {object} AirflowOptions
 * @property {"2" | "3"} [major] which Airflow's pages it has; by the Deployment's version if left out
 * @property {string} [version] what it is before the first change; by the Deployment's version if left out
 * @property {string} [suffix] what the platform's builds add to each version
 * @property {Roll | Roll[]} [rolls] how it takes changes: each in its own way, the last one for all that follow
 * @property {number} [schedulers] how many there are
 * @property {number} [triggerers] 0 makes the health say null
 * @property {number} [dagProcessors] one for Airflow 3 and none for Airflow 2 if left out
 * @property {"random" | "ordinal"} [hostNames] new names for new pods, or those of a StatefulSet
 * @property {number} [uptime] how long its pods have been running when the platform starts
 * @property {number} [heartbeatEvery]
 * @property {number} [aliveFor] how old a heartbeat may be that still counts as healthy
 * @property {{ ended?: number, dead?: number, later?: number }} [history] rows of schedulers that are no more: ended
 *   ones; such as still say "running"; ended ones with a higher id than the living
 * @property {Break[]} [breaks] as in a roll, counted from the platform's start
 * @property {{ zone?: string, separator?: string, digits?: 0 | 3 | 6 }} [times] another form than Airflow's own
 * @property {number} [serverClockOffset] how far its clock is ahead, in milliseconds
 * @property {boolean} [hasMonitorHealth] for Airflow 2: whether it has `/api/v2/monitor/health` as well
 * @property {boolean} [hasInstances] whether the health names each scheduler; from Airflow 3.4 on if left out
 * @property {("triggerer" | "dag_processor")[]} [withoutParts] what the health does not even mention
 * @property {"redirect" | "unauthorized" | "page"} [login] every page asks for a login: 302, 401, or 200 with HTML
 * @property {boolean} [loginTakesToken] whether a good token is let in there
 * @property {"raw" | "bearer" | "either"} [token] the form in which it takes the token
 * @property {"all" | "editors" | "none"} [rowsFor] who may read jobs and the audit log; the others get 403
 * @property {Trouble} [down] the web server is not there at all, for good
 * @property {number} [latency] milliseconds of real time before each answer; the platform's if left out
 */

const DEFAULTS = {
  suffix: "+astro.1",
  rolls: {},
  schedulers: 1,
  triggerers: 1,
  hostNames: "random",
  uptime: 3_600_000,
  heartbeatEvery: 5000,
  aliveFor: 30_000,
  history: {},
  breaks: [],
  times: {},
  serverClockOffset: 0,
  hasMonitorHealth: false,
  withoutParts: [],
  loginTakesToken: false,
  token: "raw",
  rowsFor: "all",
};

const oneOf = (...values) => ({ is: (value) => values.includes(value), words: `one of ${values.join(", ")}` });
const atLeast = (least) => ({ is: (value) => Number.isFinite(value) && value >= least, words: `at least ${least}` });
const count = (least) => ({
  is: (value) => Number.isInteger(value) && value >= least,
  words: `a whole number from ${least}`,
});
const matching = (pattern, words) => ({ is: (value) => typeof value === "string" && pattern.test(value), words });
const list = (check) => ({
  is: (value) => Array.isArray(value) && value.every(check.is),
  words: `a list, each ${check.words}`,
});
/** An object has no words of its own: what is wrong inside it is said by its parts. */
const parts = (what, known, required = []) => ({
  is: (value) => value === Object(value) && !Array.isArray(value) && verify(what, value, known, required),
  words: "an object",
});
const either = (...checks) => ({
  is: (value) => checks.some((check) => check.is(value)),
  words: checks.map(({ words }) => words).join(", or "),
});

const flag = oneOf(true, false);
const VERSION = matching(/^\d+\.\d+\.\d+/, "a version such as 2.10.5");
const TROUBLE = oneOf(404, 502, 503, 504, "reset", "hang");
/** The end of what never ends. */
const MOMENT = { is: (value) => value >= 0, words: "at least 0" };

const BREAKS = list(
  parts("break", { from: atLeast(0), until: MOMENT, part: oneOf(...KINDS, "metadatabase") }, ["from"]),
);
const MODE = oneOf("replaced", "kept", "crash", "restart");

const ROLL = parts("roll", {
  pods: either(MODE, parts("roll's pods", { scheduler: MODE, triggerer: MODE, dagProcessor: MODE, web: MODE })),
  startAfter: atLeast(0),
  oldEndAfter: atLeast(0),
  stagger: atLeast(0),
  oldStay: count(0),
  ending: oneOf("success", "killed"),
  // A pod that crashes without a pause would never let the clock catch up.
  crashLives: atLeast(100),
  crashPause: atLeast(0),
  crashEnding: oneOf("failed", "killed"),
  webAfter: atLeast(0),
  version: VERSION,
  downtime: list(parts("downtime", { from: atLeast(0), until: MOMENT, as: TROUBLE }, ["from"])),
  breaks: BREAKS,
});

const KNOWN = {
  major: oneOf("2", "3"),
  version: VERSION,
  suffix: matching(/^/, "a text"),
  rolls: either(ROLL, { is: (value) => list(ROLL).is(value) && value.length > 0, words: "a list of them" }),
  schedulers: count(1),
  triggerers: count(0),
  dagProcessors: count(0),
  hostNames: oneOf("random", "ordinal"),
  uptime: atLeast(0),
  heartbeatEvery: atLeast(1),
  aliveFor: atLeast(0),
  history: parts("history", { ended: count(0), dead: count(0), later: count(0) }),
  breaks: BREAKS,
  times: parts("form of times", {
    zone: matching(/^(?:Z|[+-]\d\d:\d\d)$/, "Z or an offset such as +05:30"),
    separator: oneOf("T", " "),
    digits: oneOf(0, 3, 6),
  }),
  serverClockOffset: { is: Number.isFinite, words: "a number" },
  hasMonitorHealth: flag,
  hasInstances: flag,
  withoutParts: list(oneOf("triggerer", "dag_processor")),
  login: oneOf("redirect", "unauthorized", "page"),
  loginTakesToken: flag,
  token: oneOf("raw", "bearer", "either"),
  rowsFor: oneOf("all", "editors", "none"),
  down: TROUBLE,
  latency: atLeast(0),
};

const FOR_ALL = { speed: atLeast(0), now: { is: (value) => typeof value === "function", words: "a function" } };

/**
 * The platform's option `airflow`: what holds for the clock, and what holds for each Airflow.
 *
 * @param {undefined | boolean | (AirflowOptions & { speed?: number, now?: () => number })} option
 * @returns {{ clock: object, forEach: AirflowOptions | undefined }} `undefined` where a Deployment has none by default
 */
export function readPlatformOption(option) {
  const { speed, now, ...forEach } = asObject(option) ?? {};
  verify("platform's Airflow", given({ speed, now }), FOR_ALL);
  verify("Airflow", forEach, KNOWN);
  return { clock: given({ speed, now }), forEach: asObject(option) && forEach };
}

/**
 * What holds for the Airflow of one Deployment.
 *
 * @param {AirflowOptions | undefined} forEach the platform's
 * @param {undefined | null | boolean | AirflowOptions} own the Deployment's, which go first
 * @returns {(typeof DEFAULTS & AirflowOptions) | undefined} `undefined` where it has none
 */
export function readOwnOption(forEach, own) {
  const options = own === undefined ? forEach : asObject(own);
  if (!options) return undefined;
  const settings = { ...forEach, ...options };
  verify("Airflow", settings, KNOWN);
  return { ...DEFAULTS, ...given(settings) };
}

/** @param {Roll} roll */
export function withRollDefaults(roll) {
  verify("list of rolls", { rolls: roll }, { rolls: ROLL });
  return { ...ROLL_DEFAULTS, ...given(roll) };
}

function asObject(option) {
  if (option === true) return {};
  return option === undefined || option === null || option === false ? undefined : option;
}

/** An option that is there and undefined is one that is left out. */
function given(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Returns true, so that it can stand in a condition, and throws otherwise. */
function verify(what, options, known, required = []) {
  const article = /^[AEIOU]/.test(what) ? "an" : "a";
  const names = Object.keys(options);
  const unknown = names.filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) throw new TypeError(`${article} ${what} has no "${unknown.join('", "')}"`);
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new TypeError(`${article} ${what} needs "${missing.join('", "')}"`);
  for (const name of names) {
    const value = options[name];
    if (value === undefined || known[name].is(value)) continue;
    throw new TypeError(`"${name}" of ${article} ${what} is ${known[name].words}, not ${JSON.stringify(value)}`);
  }
  return true;
}
