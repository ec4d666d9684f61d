// A hundred Deployments that are watched while they roll: how often each is looked at, and what the waiting costs.
import { deploy, measured, nodeVersion, script, startServer } from "./process.mjs";
import { limited, ratio, row, seconds, table } from "./table.mjs";

const DEPLOYMENTS = 100;
const INTERVAL = 1000;

export async function watch() {
  const server = await startServer();
  const releases = Array.from({ length: DEPLOYMENTS }, (_, index) => `r${index}`).join(",");
  const watching = { wait: "require", "poll-interval": `${INTERVAL}ms`, "stable-for": "5s" };
  const args = deploy({ release: releases, workspace: "w1", concurrency: 32, ...watching });
  const ours = await measured(args, { HOUSTON_URL: server.url });
  const { requests, looks } = await server.figures();
  const paced = [script("paced.mjs"), ...[DEPLOYMENTS, INTERVAL, ours.wall].map(String)];
  const plain = await measured(paced, { HOUSTON_URL: server.url });
  const all = await server.figures();
  server.close();

  // A look at the very start and one after each interval: more than that were too many.
  const allowed = ({ changed, times }) => Math.floor((times.at(-1) - changed) / INTERVAL) + 1;
  const most = looks.toSorted(
    (one, other) => allowed(one) - one.times.length - (allowed(other) - other.times.length),
  )[0];
  const total = looks.reduce((sum, { times }) => sum + times.length, 0);
  const heading = `${DEPLOYMENTS} Deployments that are up after 20 s, looked at every ${INTERVAL / 1000} s, Node ${nodeVersion}`;
  table(heading, "looks in all", "the most");
  limited("looks at one Deployment", [total], most.times.length, allowed(most), String);
  table("Processor time of watching, by wall time", "requests", "wall time", "processor", "ratio");
  const cells = ({ wall, processor }, count) => [count, seconds(wall), seconds(processor)];
  row(
    "plain script, two pages a look by fetch",
    ...cells(plain, all.requests - requests),
    ratio(plain.processor / plain.wall),
  );
  limited("houston-deploy deploy", cells(ours, requests), ours.processor / ours.wall, 0.1, ratio);
}
