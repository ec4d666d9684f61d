// A thousand releases against a Houston that takes its time, beside a bare client that sends as many requests; and what
// so many releases cost in memory, beside a single one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploy, measured, nodeVersion, script, startServer } from "./process.mjs";
import { limited, median, megabytes, ratio, row, seconds, table } from "./table.mjs";

const RELEASES = 1000;
const PLACES = 32;
const LATENCY = 100;
const RUNS = 5;

/** One run against a server of its own, with the time that its requests took there. */
async function run(args) {
  const server = await startServer(LATENCY);
  const ended = await measured(args, { HOUSTON_URL: server.url });
  const { requests, own, most } = await server.figures();
  server.close();
  return { ...ended, requests, most, ideal: own / PLACES };
}

export async function many() {
  const folder = mkdtempSync(join(tmpdir(), "houston-deploy-bench-"));
  const list = join(folder, "releases");
  writeFileSync(list, Array.from({ length: RELEASES }, (_, index) => `r${index}\n`).join(""));
  // The version question is a request as well.
  const bare = [script("bare.mjs"), String(RELEASES + 1), String(PLACES)];
  const fetching = (count) => [script("fetching.mjs"), String(count), String(PLACES)];
  const ours = deploy({ "release-file": list, concurrency: PLACES });
  const runs = { bare: [], fetching: [], fetchingOne: [], ours: [], one: [] };
  for (let i = 0; i < RUNS; i += 1) {
    runs.bare.push(await run(bare));
    runs.fetching.push(await run(fetching(RELEASES + 1)));
    runs.fetchingOne.push(await run(fetching(2)));
    runs.ours.push(await run(ours));
    runs.one.push(await run(deploy({ release: "r0" })));
  }
  rmSync(folder, { recursive: true });

  // Whatever else the machine does can only make a run longer, so that the best one is the truest.
  const toIdeal = ({ wall, ideal }) => wall / ideal;
  const best = (side) => runs[side].toSorted((one, other) => toIdeal(one) - toIdeal(other))[0];
  const cells = ({ requests, most, wall }) => [requests, most, seconds(wall)];
  const what = `${RELEASES} releases, ${PLACES} at once, ${LATENCY} ms an answer`;
  table(
    `${what}: whole process, Node ${nodeVersion}, best of ${RUNS} runs in turn`,
    "requests",
    "at once",
    "wall time",
    "to ideal",
  );
  row("the requests' own time, divided by the places", "", "", seconds(best("ours").ideal), "1.00");
  row("bare client", ...cells(best("bare")), ratio(toIdeal(best("bare"))));
  row("plain script by fetch", ...cells(best("fetching")), ratio(toIdeal(best("fetching"))));
  limited("houston-deploy deploy", cells(best("ours")), toIdeal(best("ours")), 1.15, ratio);

  const peak = (side) => median(runs[side].map((one) => one.peak));
  // What `fetch` leaves behind is most of it, so that each side is set against its own single one.
  table(`Peak memory of the process, median of ${RUNS} runs`, "single", "peak", "ratio");
  const figures = (one, all) => [megabytes(peak(one)), megabytes(peak(all))];
  row("bare client", "", megabytes(peak("bare")), "");
  row("plain script by fetch", ...figures("fetchingOne", "fetching"), ratio(peak("fetching") / peak("fetchingOne")));
  limited("houston-deploy deploy", figures("one", "ours"), peak("ours") / peak("one"), 2, ratio);
}
