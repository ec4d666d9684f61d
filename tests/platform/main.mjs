/**
 * Starts the embedded platform as a process of its own, and says on standard output, in one line of JSON, where it is.
 * It ends with SIGTERM or SIGINT, or, where that is asked for, with its standard input; never by itself.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startPlatform } from "./index.mjs";

const USAGE = `node tests/platform/main.mjs [--port N] [--version V] [--generation G] [--endpoint on|off]
                            [--latency MS] [--airflow on|JSON] [--cert FILE --key FILE] [--until-stdin-closes]

--airflow gives each Deployment an Airflow that rolls; JSON is an object of its options, such as {"speed": 60}.
`;

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    version: { type: "string" },
    generation: { type: "string" },
    endpoint: { type: "string" },
    latency: { type: "string" },
    airflow: { type: "string" },
    cert: { type: "string" },
    key: { type: "string" },
    "until-stdin-closes": { type: "boolean" },
    help: { type: "boolean" },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const numberOf = (value) => (value === undefined ? undefined : Number(value));
const tls = values.cert && { cert: readFileSync(values.cert, "utf8"), key: readFileSync(values.key, "utf8") };
const platform = await startPlatform({
  port: numberOf(values.port),
  // "none" is a platform that keeps its version to itself.
  version: values.version === "none" ? null : values.version,
  generation: values.generation,
  endpoint: values.endpoint !== "off",
  latency: numberOf(values.latency),
  airflow: values.airflow === "on" || (values.airflow && JSON.parse(values.airflow)),
  tls,
});

async function end() {
  await platform.close();
  process.exit(0);
}

process.on("SIGTERM", end);
process.on("SIGINT", end);
if (values["until-stdin-closes"]) {
  process.stdin.on("close", end);
  process.stdin.resume();
}
process.stdout.write(`${JSON.stringify({ url: platform.url, port: platform.port })}\n`);
