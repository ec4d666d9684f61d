// The GitHub action: inputs in the environment, results as GitHub reads them. What the inputs mean, what is done and
// what is said is the core's; how GitHub wants it written is in `runner.mjs`.
import { main } from "../pkg/program.js";
import { command, log, mask, writeOutputs, writeSummary } from "./runner.mjs";

const debug = process.env.RUNNER_DEBUG === "1";

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)}s`.padStart(7);

function onEvent({ type, release, message, milliseconds, warning }) {
  const line = `${seconds(milliseconds)}  ${release ? `${release}: ` : ""}${message}`;
  if (type === "request") {
    if (debug) command("debug", {}, line);
  } else if (warning) {
    log(`warning[${warning.code}]: ${warning.message}\n${warning.hint ? `hint: ${warning.hint}\n` : ""}`);
  } else {
    log(line);
  }
}

const { INPUT_COMMAND } = process.env;
main(
  INPUT_COMMAND,
  { front: "action" },
  {
    onEvent,
    begin: ({ masks }) => {
      // First of all: what was printed before a mask stays readable.
      masks.forEach(mask);
      command("group", {}, INPUT_COMMAND === "check" ? "Checking" : "Deploying");
    },
    end: ({ stdout, stderr, annotations, outputs, summary }) => {
      log(stderr);
      command("endgroup", {}, "");
      log(stdout);
      for (const { level, title, text } of annotations) command(level, { title }, text);
      writeSummary(summary);
      for (const name of writeOutputs(outputs)) {
        command("notice", {}, `The output ${name} is empty: GitHub takes 1 MB at most. Set report-file instead.`);
      }
    },
  },
);
