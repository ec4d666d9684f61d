/**
 * Faults on demand: a queue of things that are to go wrong, each with the kind of request that it waits for. It only
 * says what is to happen; making it happen is the business of `delivery.mjs`.
 */

const TARGETS = ["version", "read", "mutation", "airflow", "any"];

/** What a fault may consist of; anything else is a slip of the pen in a test, and is refused. */
const PARTS = new Set([
  "on",
  "page",
  "times",
  "status",
  "headers",
  "body",
  "type",
  "graphql",
  "applied",
  "reset",
  "hang",
  "delay",
  "cut",
  "gzip",
  "oversized",
  "raw",
  "rival",
  "tamper",
]);

/** Of these each takes the place of the answer, so that a fault can have only one of them. */
const ANSWERS = ["graphql", "reset", "hang", "cut", "gzip", "oversized", "raw"];

/**
 * @typedef {object} Fault
 * @property {"version" | "read" | "mutation" | "airflow" | "any"} [on] the requests that it waits for; "any", which is
 *   any of Houston's and none of an Airflow's, if left out
 * @property {RegExp} [page] with "airflow": only the pages whose path, with the query, is like this
 * @property {number} [times] how many of them it strikes, one after another; 1 if left out, `Infinity` for all
 * @property {number} [status] an answer made by hand, with `headers`, `body` and `type`; with `graphql` its status
 * @property {Record<string, string>} [headers]
 * @property {string | object} [body] text as it is, or an object, which is sent as JSON
 * @property {string} [type] the media type; `text/html`, or `application/json` for an object, if left out
 * @property {{ errors?: object[], data?: unknown }} [graphql] an answer made by hand, as GraphQL
 * @property {boolean} [applied] with one of the two above or `oversized`: the request is carried out all the same
 * @property {"before" | "after"} [reset] the connection is reset, before or after the request was carried out
 * @property {true | "after"} [hang] no answer ever comes; with "after" the request was carried out
 * @property {number} [delay] milliseconds until the request is carried out; then as usual
 * @property {number} [cut] the good answer is cut off after so many bytes of its body
 * @property {"bad"} [gzip] the request is carried out, the answer says gzip and is not
 * @property {number} [oversized] an answer with a body of so many bytes
 * @property {(body: string, socket: import("node:net").Socket, status: number) => Iterable<string> | AsyncIterable<string>} [raw] the
 *   request is carried out, and then the very bytes that leave the socket, made of the good answer's body; the socket
 *   is closed after the last. The good answer's status comes third
 * @property {{ release?: string, image?: string, runtimeVersion?: string }} [rival] another pipeline changes the
 *   Deployment that the request is about, or `release`, before the request is carried out
 * @property {(answer: any) => any} [tamper] changes the good answer before it goes out; returns it
 */

export class Faults {
  /** @type {(Fault & { on: string, times: number })[]} */
  #queue = [];
  #targets;
  #parts;

  /**
   * @param {{ targets?: string[], more?: string[] }} [of] the kinds of request of another server than Houston, and
   *   the parts that only its faults have
   */
  constructor({ targets = TARGETS, more = [] } = {}) {
    this.#targets = targets;
    this.#parts = new Set([...PARTS, ...more]);
  }

  /**
   * Puts faults at the end of the queue. A request is struck by the first one that waits for its kind.
   *
   * @param {...Fault} faults
   */
  add(...faults) {
    for (const fault of faults) {
      const { on = "any", times = 1, page } = fault;
      const unknown = Object.keys(fault).filter((part) => !this.#parts.has(part));
      if (unknown.length > 0) throw new TypeError(`a fault has no "${unknown.join('", "')}"`);
      if (!this.#targets.includes(on)) {
        throw new TypeError(`a fault waits for ${this.#targets.join(", ")}, not for "${on}"`);
      }
      if (page && on !== "airflow") throw new TypeError("a fault with a page waits for airflow alone");
      if (!(times >= 1)) throw new TypeError(`a fault strikes at least once, not ${times} times`);
      const answers = ANSWERS.filter((part) => fault[part] !== undefined);
      if (answers.length > 1) throw new TypeError(`a fault cannot be ${answers.join(" and ")} at once`);
      this.#queue.push({ ...fault, on, times });
    }
  }

  /**
   * Takes the fault for a request out of the queue, if there is one.
   *
   * @param {string} operation
   * @param {string} [path] of an Airflow's page
   * @returns {Fault}
   */
  take(operation, path) {
    const index = this.#queue.findIndex(({ on, page }) =>
      on === operation || (on === "any" && operation !== "airflow") ? !page || page.test(path) : false,
    );
    if (index < 0) return {};
    const fault = this.#queue[index];
    fault.times -= 1;
    if (fault.times === 0) this.#queue.splice(index, 1);
    return fault;
  }

  /** The faults that have not struck, or not yet as often as they are to. */
  get left() {
    return [...this.#queue];
  }

  /** Forgets all of them. */
  clear() {
    this.#queue = [];
  }
}
