/**
 * The web server of an embedded Airflow: the pages of Airflow 2 and 3 that tell how it does, in their own shapes, and
 * who may see them. What `houston.md` names was seen on a real 2.10.5 and 3.3.2; the other members of a row are those of
 * Airflow's published models, and the texts of errors are made up. What its processes do is none of its business.
 */

import { isAllowed, tokenOf } from "../tokens.mjs";
import { timestamp } from "./clock.mjs";
import { namesSchedulers } from "./version.mjs";

const JOB_TYPES = { scheduler: "SchedulerJob", triggerer: "TriggererJob", dagProcessor: "DagProcessorJob" };

/** The highest `limit` that Airflow obeys. */
const LARGEST_PAGE = 100;

const PAGES = {
  2: {
    "/health": health,
    "/api/v1/health": health,
    "/api/v1/version": version,
    "/api/v1/eventLogs": withToken(eventLogs),
  },
  3: {
    "/api/v2/monitor/health": health,
    "/api/v2/version": version,
    "/api/v2/jobs": withToken(jobs),
  },
};

/**
 * @typedef {{ status: number, headers: Record<string, string>, body: string }} Answer
 * @typedef {{ status: number, body: unknown } | Answer} Page a body that is no text is sent as JSON
 */

/**
 * Answers one request that got through to the web server.
 *
 * @param {import("./airflow.mjs").Airflow} airflow
 * @param {{ method: string, path: string, headers: Record<string, string | undefined> }} request `path` without what
 *   the Deployment's address has before it
 * @param {import("../tokens.mjs").Token[]} tokens
 * @returns {Answer}
 */
export function answer(airflow, { method, path, headers }, tokens) {
  const { pathname, searchParams } = new URL(path, "http://airflow");
  const { settings, major } = airflow;
  const asked = { airflow, query: searchParams, right: rightOf(airflow, headers.authorization, tokens) };

  if (settings.login && !(settings.loginTakesToken && asked.right !== 401)) return LOGINS[settings.login](path);
  if (method !== "GET") return sent(refusal(major, 405));
  const hasMonitor = major === "2" && settings.hasMonitorHealth && pathname === "/api/v2/monitor/health";
  const page = hasMonitor ? health : Object.hasOwn(PAGES[major], pathname) && PAGES[major][pathname];
  return sent(page ? page(asked) : missing(major, pathname));
}

/** What an ingress answers while the web server is not there, as a fault. */
export function faultOf(trouble) {
  if (trouble === undefined) return {};
  if (trouble === "reset") return { reset: "before" };
  if (trouble === "hang") return { hang: true };
  // The ingress sends what it has no route for to a server of its own, which has no page but this.
  if (trouble === 404) return { status: 404, type: "text/plain; charset=utf-8", body: "default backend - 404" };
  const title = { 502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out" };
  const said = title[trouble];
  return { status: trouble, body: `<html><head><title>${said}</title></head><body><h1>${said}</h1></body></html>\n` };
}

/** @returns {200 | 401 | 403} what a request may see of jobs and the audit log */
function rightOf({ release, settings }, header, tokens) {
  const [, bearer] = /^Bearer (.+)$/.exec(header ?? "") ?? [];
  const values = { raw: [header], bearer: [bearer], either: [header, bearer] }[settings.token];
  const token = values.map((value) => tokenOf(tokens, value)).find(Boolean);
  if (!token) return 401;
  if (settings.rowsFor === "none" || !isAllowed(token, "read", release)) return 403;
  return settings.rowsFor === "editors" && token.role === "viewer" ? 403 : 200;
}

function withToken(page) {
  return (asked) => (asked.right === 200 ? page(asked) : refusal(asked.airflow.major, asked.right));
}

function health({ airflow }) {
  const { processes, settings } = airflow;
  const now = airflow.settle();
  const isBroken = processes.gap("metadatabase", now) !== undefined;
  const part = (kind, name) => {
    const job = isBroken ? undefined : processes.latest(kind, now);
    const isMissing = !isBroken && !job && kind !== "scheduler";
    const status = isMissing ? null : job && processes.isAlive(job, now) ? "healthy" : "unhealthy";
    const heartbeat = job ? time(airflow, processes.heartbeat(job, now), job, "+00:00") : null;
    return { status, [`latest_${name}_heartbeat`]: heartbeat };
  };
  const body = {
    metadatabase: { status: isBroken ? "unhealthy" : "healthy" },
    scheduler: part("scheduler", "scheduler"),
    triggerer: part("triggerer", "triggerer"),
    dag_processor: part("dagProcessor", "dag_processor"),
  };
  if (settings.hasInstances ?? namesSchedulers(airflow.version)) {
    const alive = isBroken
      ? []
      : processes.jobs.filter((job) => job.kind === "scheduler" && processes.isAlive(job, now));
    body.scheduler.instances = alive.map((job) => ({
      hostname: job.host,
      latest_scheduler_heartbeat: time(airflow, processes.heartbeat(job, now), job, "+00:00"),
    }));
  }
  for (const name of settings.withoutParts) delete body[name];
  return { status: 200, body };
}

function version({ airflow }) {
  return { status: 200, body: { version: `${airflow.version}${airflow.settings.suffix}`, git_version: null } };
}

function jobs({ airflow, query }) {
  const { processes } = airflow;
  const now = airflow.settle();
  if (processes.gap("metadatabase", now)) return refusal("3", 500);
  const rows = processes.jobs.map((job) => {
    const endedAt = processes.endDate(job);
    return {
      id: job.id,
      dag_id: null,
      state: processes.state(job, now),
      job_type: JOB_TYPES[job.kind],
      start_date: time(airflow, job.startedAt, job, "Z"),
      end_date: endedAt === null ? null : time(airflow, endedAt, job, "Z"),
      latest_heartbeat: time(airflow, processes.heartbeat(job, now), job, "Z"),
      executor_class: job.kind === "scheduler" ? "CeleryExecutor" : null,
      hostname: job.host,
      unixname: "astro",
      dag_display_name: null,
    };
  });
  const filters = { job_type: "job_type", job_state: "state", hostname: "hostname" };
  const page = pageOf(rows, query, { filters, id: "id", byDefault: 50 });
  return page ? { status: 200, body: { jobs: page.rows, total_entries: page.total } } : refusal("3", 400);
}

function eventLogs({ airflow, query }) {
  const { processes } = airflow;
  if (processes.gap("metadatabase", airflow.settle())) return refusal("2", 500);
  const rows = processes.log.map((row) => ({
    event_log_id: row.id,
    when: time(airflow, row.at, row, "+00:00"),
    dag_id: null,
    task_id: null,
    run_id: null,
    map_index: null,
    try_number: null,
    event: row.event,
    execution_date: null,
    owner: "astro",
    extra: JSON.stringify({ host_name: row.host, full_command: commandOf(row.event) }),
  }));
  const page = pageOf(rows, query, { filters: { event: "event" }, id: "event_log_id", byDefault: 100 });
  return page ? { status: 200, body: { event_logs: page.rows, total_entries: page.total } } : refusal("2", 400);
}

/** Python's own notation of the list of words, inside the text. */
function commandOf(event) {
  const words = { cli_check_migrations: "'db', 'check-migrations'", cli_dag_processor: "'dag-processor'" };
  return `['/usr/local/bin/airflow', ${words[event] ?? `'${event.replace("cli_", "")}'`}]`;
}

/** Filters, sorts by the id and cuts, as both lists do it; `undefined` for a query that Airflow refuses. */
function pageOf(rows, query, { filters, id, byDefault }) {
  const order = query.get("order_by") ?? id;
  const limit = Number(query.get("limit") ?? byDefault);
  const offset = Number(query.get("offset") ?? 0);
  const isRight = [limit, offset].every((number) => Number.isInteger(number) && number >= 0);
  if (!isRight || ![id, `-${id}`].includes(order)) return undefined;
  const found = rows.filter((row) =>
    Object.entries(filters).every(([name, field]) => !query.get(name) || row[field] === query.get(name)),
  );
  if (order === `-${id}`) found.reverse();
  return { rows: found.slice(offset, offset + Math.min(limit, LARGEST_PAGE)), total: found.length };
}

/** A moment of the model in the form that the page has by nature, or in the one that was asked for. */
function time(airflow, at, { id }, zone) {
  return timestamp(airflow.wallTime(at), (id * 137) % 1000, {
    zone,
    separator: "T",
    digits: 6,
    ...airflow.settings.times,
  });
}

const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
};

const DETAILS = { 401: "Not authenticated" };

/** Airflow 2 answers with a problem of RFC 7807, Airflow 3 with FastAPI's detail. */
function refusal(major, status) {
  const title = TITLES[status];
  if (major === "3") return { status, body: { detail: DETAILS[status] ?? title } };
  return { status, type: "application/problem+json", body: { detail: null, status, title, type: "about:blank" } };
}

/** Airflow 3 has an application of the browser's own, which takes every address but the API's. */
function missing(major, pathname) {
  if (major === "2") {
    return pathname.startsWith("/api/v1/")
      ? refusal("2", 404)
      : { status: 404, body: "<!DOCTYPE html>\n<html><head><title>Airflow 404</title></head><body></body></html>\n" };
  }
  if (pathname === "/health") {
    return { status: 404, body: { error: "Airflow 3 tells its health at /api/v2/monitor/health" } };
  }
  if (pathname.startsWith("/api/v1/")) {
    return { status: 404, body: { error: "Airflow 3 has /api/v2 in the place of /api/v1" } };
  }
  if (pathname.startsWith("/api/")) return { status: 404, body: { error: "There is no such page" } };
  return { status: 200, body: "<!DOCTYPE html>\n<html><head><title>Airflow</title></head><body></body></html>\n" };
}

const LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form></form></body></html>\n";

const LOGINS = {
  redirect: (path) => ({
    status: 302,
    headers: { "content-type": "text/html", location: `/login?rd=${encodeURIComponent(path)}` },
    body: "",
  }),
  unauthorized: () => sent({ status: 401, body: LOGIN_PAGE }),
  page: () => sent({ status: 200, body: LOGIN_PAGE }),
};

function sent({ status, body, type }) {
  const isText = typeof body === "string";
  const contentType = type ?? (isText ? "text/html; charset=utf-8" : "application/json");
  return { status, headers: { "content-type": contentType }, body: isText ? body : JSON.stringify(body) };
}
