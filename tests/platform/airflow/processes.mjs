/**
 * What Airflow's database knows of its processes: a job for each, with heartbeats, and the audit log's row for each
 * start. Heartbeats are computed from the time at which somebody looks. When a process starts or ends, and in which
 * pod, is decided elsewhere.
 */

/** The row of a process that was killed says "running" until another scheduler finds it out. */
const ORPHANED_AFTER = 300_000;

const EVENTS = {
  scheduler: "cli_scheduler",
  triggerer: "cli_triggerer",
  dagProcessor: "cli_dag_processor",
  web: "cli_webserver",
};

/**
 * @typedef {object} Job
 * @property {number} id
 * @property {"scheduler" | "triggerer" | "dagProcessor"} kind
 * @property {string} host
 * @property {number} startedAt milliseconds since the platform's start, as all times here
 * @property {{ at: number, as: "success" | "failed" | "killed" | "forgotten" } | null} end a forgotten one's row says
 *   "running" for good
 */

export class Processes {
  /** @type {Job[]} by id, lowest first */
  jobs = [];
  /** @type {{ id: number, at: number, event: string, host: string }[]} the audit log, by id, lowest first */
  log = [];
  /** @type {import("./options.mjs").Break[]} by the platform's start */
  breaks = [];

  #every;
  #aliveFor;

  /** @param {{ heartbeatEvery: number, aliveFor: number }} settings */
  constructor({ heartbeatEvery, aliveFor }) {
    this.#every = heartbeatEvery;
    this.#aliveFor = aliveFor;
  }

  /**
   * A process starts. The first one of a pod is preceded by the pod's look at the database.
   *
   * @param {Job["kind"]} kind
   * @param {string} host
   * @param {number} at
   */
  start(kind, host, at, { isNewPod = true } = {}) {
    if (isNewPod) this.note("cli_check_migrations", host, at);
    this.note(EVENTS[kind], host, at);
    const job = { id: this.jobs.length + 1, kind, host, startedAt: at, end: null };
    this.jobs.push(job);
    return job;
  }

  /** The web server has no job, but its start is in the audit log. */
  startWeb(host, at) {
    this.note(EVENTS.web, host, at);
  }

  note(event, host, at) {
    this.log.push({ id: this.log.length + 1, at, event, host });
  }

  /** The latest heartbeat of a job, as seen at a time. */
  heartbeat({ kind, startedAt, end }, at) {
    const gap = this.gap(kind, at);
    const until = Math.min(at, end?.at ?? at, gap?.from ?? at);
    return startedAt + Math.max(0, Math.floor((until - startedAt) / this.#every)) * this.#every;
  }

  /** @returns {"running" | "success" | "failed"} what a job's row says at a time */
  state({ end }, at) {
    if (!end || end.as === "forgotten") return "running";
    if (end.as === "killed") return at < end.at + ORPHANED_AFTER ? "running" : "failed";
    return end.as;
  }

  /** When a job ended, by its own row: nobody writes that down for one that was killed. */
  endDate({ end }) {
    return end && ["success", "failed"].includes(end.as) ? end.at : null;
  }

  /** The job that the health of a kind goes by: a running one with the latest heartbeat, or else the last to live. */
  latest(kind, at) {
    const rank = (job) => [this.state(job, at) === "running" ? 1 : 0, this.heartbeat(job, at)];
    return this.jobs
      .filter((job) => job.kind === kind)
      .reduce((best, job) => {
        if (!best) return job;
        const [[running, beat], [bestRunning, bestBeat]] = [rank(job), rank(best)];
        return running > bestRunning || (running === bestRunning && beat >= bestBeat) ? job : best;
      }, undefined);
  }

  isAlive(job, at) {
    if (this.state(job, at) !== "running" || this.gap(job.kind, at)) return false;
    return at - this.heartbeat(job, at) < this.#aliveFor;
  }

  /** The time in which a part is broken, if it is so at that time. */
  gap(part, at) {
    return this.breaks.find(
      ({ part: broken = "scheduler", from, until = Infinity }) => broken === part && from <= at && at < until,
    );
  }
}
