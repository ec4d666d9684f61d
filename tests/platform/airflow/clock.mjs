/**
 * The time of the embedded Airflows: a clock that can run faster than the real one and never runs backwards. It sets no
 * timer: whoever asks later sees more, and nothing happens in between.
 */

export class Clock {
  /** What the clock of the world showed when this one started, in milliseconds since 1970. */
  start;

  #now;
  #speed;
  #latest = 0;

  /**
   * @param {object} [options]
   * @param {() => number} [options.now] the real time in milliseconds since 1970; a test may move it by hand
   * @param {number} [options.speed] how many milliseconds pass here while one passes there
   */
  constructor({ now = realTime, speed = 1 } = {}) {
    this.#now = now;
    this.#speed = speed;
    this.start = now();
  }

  /** Milliseconds since the start, by this clock. */
  get elapsed() {
    this.#latest = Math.max(this.#latest, (this.#now() - this.start) * this.#speed);
    return this.#latest;
  }
}

/** Unlike `Date.now`, this does not jump when the machine's clock is set. */
function realTime() {
  return performance.timeOrigin + performance.now();
}

/**
 * A moment as text, as Python and its libraries write it.
 *
 * @param {number} milliseconds since 1970
 * @param {number} microseconds what comes after the milliseconds, 0 to 999
 * @param {{ zone: string, separator: string, digits: number }} form `zone` is `Z` or an offset such as `+05:30`
 */
export function timestamp(milliseconds, microseconds, { zone, separator, digits }) {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [null, "+", 0, 0];
  const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const iso = new Date(Math.floor(milliseconds) + offset).toISOString();
  const fraction = `${iso.slice(20, 23)}${String(microseconds).padStart(3, "0")}`.slice(0, digits);
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction && `.${fraction}`}${zone}`;
}
