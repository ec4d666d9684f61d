// A bare HTTP server with Houston's answers, after so many milliseconds, and with Airflows that roll: all that one
// thread can do, so that a measurement is of the client alone. `GET /figures` tells what was asked and how long that
// took. It ends with its standard input.
import { createServer } from "node:http";

const latency = Number(process.argv[2] ?? 0);

/** How long after its change a Deployment is up, in milliseconds. */
const UP_AFTER = 20_000;

const figures = { requests: 0, own: 0, most: 0 };
let open = 0;

/** What is asked of one Deployment within so many milliseconds belongs to one look. */
const ONE_LOOK = 500;

/** When a Deployment was changed, and when it was looked at since then. */
const changed = new Map();
const looks = new Map();

const server = createServer((request, response) => {
  if (request.url === "/figures") {
    const rows = [...looks].map(([release, times]) => ({ release, changed: changed.get(release), times }));
    response.end(JSON.stringify({ ...figures, looks: rows }));
    return;
  }
  const arrived = performance.now();
  open += 1;
  figures.requests += 1;
  figures.most = Math.max(figures.most, open);
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const answer = () => {
      const value = request.url === "/v1" ? houston(body) : airflow(request.url);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
      open -= 1;
      figures.own += performance.now() - arrived;
    };
    if (latency > 0) setTimeout(answer, latency);
    else answer();
  });
});

function houston(body) {
  const { query, variables } = JSON.parse(body);
  if (query.includes("appConfig")) return { data: { appConfig: { version: "0.34.1" } } };
  const releaseName = variables.releaseName ?? variables.id;
  const url = `http://127.0.0.1:${server.address().port}/${releaseName}/airflow`;
  const moment = changed.has(releaseName) ? "2026-11-22T11:00:00Z" : "2026-11-22T10:00:00Z";
  const versions = { airflowVersion: null, runtimeVersion: variables.runtimeVersion ?? "11.3.0" };
  const deployment = { id: releaseName, releaseName, ...versions, updatedAt: moment, urls: [{ type: "airflow", url }] };
  if (query.includes("workspaceDeployments")) return { data: { workspaceDeployments: [deployment] } };
  if (query.includes("deployment(")) return { data: { deployment } };
  changed.set(releaseName, performance.now());
  looks.set(releaseName, []);
  return { data: { updateDeploymentImage: { id: releaseName, releaseName, ...versions } } };
}

/** The pages of an Airflow 3 whose scheduler is another one once it is up; whoever runs has a heartbeat at any moment. */
function airflow(path) {
  const [, release] = path.split("/");
  const now = performance.now();
  const heartbeat = new Date().toISOString();
  const status = "healthy";
  const times = looks.get(release);
  if (times && !(now - times.at(-1) < ONE_LOOK)) times.push(now);
  if (path.endsWith("/health")) {
    return { metadatabase: { status }, scheduler: { status, latest_scheduler_heartbeat: heartbeat } };
  }
  if (path.endsWith("/version")) return { version: "3.0.2" };
  if (!path.includes("job_type=SchedulerJob")) return { jobs: [] };
  const up = now - (changed.get(release) ?? now) >= UP_AFTER;
  const running = { id: up ? 2 : 1, state: "running", hostname: `scheduler-${up ? "bbbbb" : "aaaaa"}` };
  const ended = { id: 1, state: "failed", hostname: "scheduler-aaaaa", latest_heartbeat: "2026-11-22T10:00:00Z" };
  return { jobs: [{ ...running, latest_heartbeat: heartbeat }, ...(up ? [ended] : [])] };
}

server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
