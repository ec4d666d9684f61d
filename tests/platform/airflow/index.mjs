/**
 * The Airflows of a platform: which Deployment has one, where its pages are, and that a change reaches it. Houston knows
 * nothing of them, as on a real platform: it is the changed Deployment that rolls.
 */

import { Airflow } from "./airflow.mjs";
import { Clock } from "./clock.mjs";
import { readOwnOption, readPlatformOption } from "./options.mjs";
import { airflowVersionOf } from "./version.mjs";
import { answer, faultOf } from "./web.mjs";

export class Airflows {
  /** @type {Map<string, Airflow>} by release name */
  live = new Map();

  #clock;
  #forEach;
  #own;
  #runtimeReleases;
  #tokens;

  /** @param {object} options those of `startPlatform`, with the defaults filled in */
  constructor({ airflow, deployments, runtimeReleases, tokens }) {
    const { clock, forEach } = readPlatformOption(airflow);
    this.#clock = new Clock(clock);
    this.#forEach = forEach;
    this.#own = new Map(deployments.map((deployment) => [deployment.releaseName, deployment.airflow]));
    this.#runtimeReleases = runtimeReleases;
    this.#tokens = tokens;
  }

  /**
   * A Deployment came into being, or runs another image.
   *
   * @param {import("../deployments.mjs").Deployment} deployment
   */
  changed(deployment) {
    const { releaseName } = deployment;
    const known = this.live.get(releaseName);
    const version = airflowVersionOf(deployment, this.#runtimeReleases);
    if (known) {
      known.change(version);
      return;
    }
    const settings = readOwnOption(this.#forEach, this.#own.get(releaseName));
    if (!settings) return;
    this.live.set(releaseName, new Airflow(releaseName, settings, this.#clock, version));
  }

  /**
   * The Airflow that a request is for, if it is for one: `record` is what the platform remembers of it besides, `fault`
   * what keeps the request from the web server.
   *
   * @param {{ method: string, path: string, headers: object }} request
   */
  find(request) {
    const [, release, path = "/"] = /^\/([^/?]+)\/airflow(?![^/?])([/?].*)?$/.exec(request.path) ?? [];
    const airflow = this.live.get(release);
    if (!airflow) return undefined;
    return {
      record: { operation: "airflow", release, page: path, at: airflow.settle() },
      latency: airflow.settings.latency,
      fault: faultOf(airflow.trouble),
      answer: async () => answer(airflow, { ...request, path }, this.#tokens),
    };
  }
}
