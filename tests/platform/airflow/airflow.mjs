/**
 * One Airflow: its pods, which it starts and ends by the script of a roll, and the version of its web server. Time is
 * what it is told; what is due by then happens first, in order. It answers nothing: that is the business of `web.mjs`.
 */

import { createHash } from "node:crypto";
import { KINDS, withRollDefaults } from "./options.mjs";
import { Processes } from "./processes.mjs";
import { majorOf } from "./version.mjs";

const COUNTS = { scheduler: "schedulers", triggerer: "triggerers", dagProcessor: "dagProcessors" };
const POD_NAMES = { scheduler: "scheduler", triggerer: "triggerer", dagProcessor: "dag-processor", web: "webserver" };

const HOUR = 3_600_000;

/**
 * @typedef {{ kind: string, host: string, job: import("./processes.mjs").Job | null, crashes: boolean }} Pod
 */

export class Airflow {
  release;
  settings;
  processes;
  /** Every change that it was told of: `at` by the model's clock, and the `version` that it was to have. */
  changes = [];

  /** @type {Pod[]} */
  #pods = [];
  /** @type {{ at: number, run: (at: number) => void, isOfRoll: boolean }[]} what is still to happen */
  #due = [];
  #downtime = [];
  #clock;
  #version;
  #names = 0;

  /**
   * @param {string} release
   * @param {import("./options.mjs").AirflowOptions} settings with the defaults filled in
   * @param {import("./clock.mjs").Clock} clock
   * @param {string} [version] the Deployment's, where the settings have none
   */
  constructor(release, settings, clock, version) {
    this.release = release;
    this.settings = settings;
    this.#clock = clock;
    this.#version = settings.version ?? version;
    if (!this.#version) throw new TypeError(`the Airflow of "${release}" needs a "version": its own is not known`);
    this.processes = new Processes(settings);
    this.processes.breaks.push(...settings.breaks);

    // An Airflow that comes into being later has not been running for longer than that.
    const now = this.#clock.elapsed;
    const start = now > 0 ? now : -settings.uptime;
    const { ended = 0, dead = 0, later = 0 } = settings.history;
    this.#inventRows(ended, start - HOUR * (ended + dead + 1), HOUR, "success");
    this.#inventRows(dead, start - HOUR * (dead + 1), HOUR, "forgotten");
    for (const kind of KINDS) {
      for (let index = 0; index < this.#countOf(kind, this.#version); index += 1) this.#startPod(kind, index, start);
    }
    this.processes.startWeb(this.#hostName("web", 0), start);
    this.#inventRows(later, start, settings.uptime / (later + 1), "success");
  }

  /** Lets everything happen that is due by now, and gives the time by the model's clock. */
  settle() {
    const now = this.#clock.elapsed;
    for (;;) {
      const next = this.#due.reduce((first, event) => (!first || event.at < first.at ? event : first), undefined);
      if (!next || next.at > now) return now;
      this.#due.splice(this.#due.indexOf(next), 1);
      next.run(next.at);
    }
  }

  /** What its clock shows at a time of the model, in milliseconds since 1970. */
  wallTime(at) {
    return this.#clock.start + at + this.settings.serverClockOffset;
  }

  /** The version of the web server that answers. */
  get version() {
    this.settle();
    return this.#version;
  }

  /** Whose pages the web server has. */
  get major() {
    return this.settings.major ?? majorOf(this.version);
  }

  /** The schedulers that live, wherever they came from: `id` of the job, `host`, `startedAt`. */
  get schedulers() {
    this.settle();
    return this.#pods.flatMap(({ kind, job }) => (kind === "scheduler" && job ? [{ ...job }] : []));
  }

  /** @returns {import("./options.mjs").Trouble | undefined} what a request meets instead of the web server */
  get trouble() {
    const now = this.settle();
    const down = this.#downtime.find(({ from, until }) => from <= now && now < until);
    return this.settings.down ?? down?.as;
  }

  /**
   * Houston let the Deployment run another image, or this one again.
   *
   * @param {string} [version] what the image has, where that is known; the one that runs if left out
   */
  change(version) {
    const { rolls } = this.settings;
    const roll = Array.isArray(rolls) ? rolls[Math.min(this.changes.length, rolls.length - 1)] : rolls;
    this.changes.push({ at: this.settle(), version });
    this.roll(roll, version);
  }

  /**
   * Rolls by a script. Called by a test, it is a roll that Houston knows nothing of.
   *
   * @param {import("./options.mjs").Roll} [script]
   * @param {string} [version] the one that it has, if left out
   */
  roll(script = {}, version = this.version) {
    const start = this.settle();
    const roll = withRollDefaults(script);
    const next = roll.version ?? version;
    this.#stopRolling(start);
    for (const kind of KINDS) this.#rollKind(kind, start, roll, this.#countOf(kind, next));
    if (modeOf(roll, "web") === "replaced") {
      this.#later(start + roll.webAfter, (at) => {
        this.#version = next;
        this.processes.startWeb(this.#hostName("web", 0), at);
      });
    }
    for (const { from, until = Infinity, as = 502 } of roll.downtime) {
      this.#downtime.push({ from: start + from, until: start + until, as });
    }
    for (const { from, until = Infinity, part } of roll.breaks) {
      this.processes.breaks.push({ from: start + from, until: start + until, part });
    }
  }

  /** What an earlier roll has not yet started is never started; what it was to end still ends. */
  #stopRolling(at) {
    this.#due = this.#due.filter(({ isOfRoll }) => !isOfRoll);
    for (const pod of this.#pods.filter(({ crashes }) => crashes)) this.#endPod(pod, at, "success");
  }

  #rollKind(kind, start, roll, count) {
    const mode = modeOf(roll, kind);
    const old = this.#pods.filter((pod) => pod.kind === kind);
    const isOrdinal = this.settings.hostNames === "ordinal";
    const startsAt = start + (isOrdinal ? Math.max(roll.startAfter, roll.oldEndAfter) : roll.startAfter);
    const endsAt = start + roll.oldEndAfter;

    if (mode === "replaced") {
      old.slice(0, Math.max(0, old.length - roll.oldStay)).forEach((pod, index) => {
        this.#later(endsAt + index * roll.stagger, (at) => this.#endPod(pod, at, roll.ending), false);
      });
      for (let index = 0; index < count; index += 1) {
        this.#later(startsAt + index * roll.stagger, (at) => this.#startPod(kind, index, at));
      }
    } else if (mode === "restart") {
      old.forEach((pod, index) => {
        this.#later(start + roll.startAfter + index * roll.stagger, (at) => this.#crash(pod, at, roll));
      });
    } else if (mode === "crash" && count > 0) {
      // A StatefulSet changes its last pod first, and goes no further where that does not come up.
      if (isOrdinal && old.length > 0) {
        this.#later(endsAt, (at) => this.#endPod(old[old.length - 1], at, roll.ending), false);
      }
      this.#later(startsAt, (at) => {
        const pod = this.#startPod(kind, count - 1, at);
        pod.crashes = true;
        this.#crashAgain(pod, at, roll);
      });
    }
  }

  #crashAgain(pod, startedAt, roll) {
    this.#later(startedAt + roll.crashLives, (at) => {
      this.#crash(pod, at, roll, (restartedAt) => this.#crashAgain(pod, restartedAt, roll));
    });
  }

  /** The process ends and the pod stays: after a while the same pod starts it anew. */
  #crash(pod, crashedAt, roll, andThen = () => {}) {
    if (!this.#pods.includes(pod) || !pod.job) return;
    pod.job.end = { at: crashedAt, as: roll.crashEnding };
    pod.job = null;
    this.#later(
      crashedAt + roll.crashPause,
      (at) => {
        if (!this.#pods.includes(pod)) return;
        pod.job = this.processes.start(pod.kind, pod.host, at, { isNewPod: false });
        andThen(at);
      },
      pod.crashes,
    );
  }

  #startPod(kind, index, at) {
    const host = this.#hostName(kind, index);
    const pod = { kind, host, job: this.processes.start(kind, host, at), crashes: false };
    this.#pods.push(pod);
    return pod;
  }

  #endPod(pod, at, as) {
    if (!this.#pods.includes(pod)) return;
    this.#pods.splice(this.#pods.indexOf(pod), 1);
    if (pod.job) pod.job.end = { at, as };
  }

  #later(at, run, isOfRoll = true) {
    this.#due.push({ at, run, isOfRoll });
  }

  #countOf(kind, version) {
    const byDefault = (this.settings.major ?? majorOf(version)) === "3" ? 1 : 0;
    return this.settings[COUNTS[kind]] ?? byDefault;
  }

  /** A pod's name, as Kubernetes makes them up: another one each time, or the StatefulSet's with the pod's number. */
  #hostName(kind, index) {
    const name = `${this.release}-${POD_NAMES[kind]}`;
    if (this.settings.hostNames === "ordinal") return `${name}-${index}`;
    this.#names += 1;
    const letters = createHash("sha256").update(`${name} ${this.#names}`).digest("hex");
    return `${name}-${letters.slice(0, 10)}-${letters.slice(10, 15)}`;
  }

  /** Rows of schedulers that were there before, one after another. */
  #inventRows(count, first, step, as) {
    for (let index = 0; index < count; index += 1) {
      const at = first + index * step;
      this.processes.start("scheduler", this.#hostName("scheduler", index), at).end = { at: at + step / 2, as };
    }
  }
}

function modeOf({ pods }, kind) {
  return typeof pods === "string" ? pods : (pods[kind] ?? "replaced");
}
