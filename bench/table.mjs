// The tables of the bench: a heading, and rows whose last column is the most that a figure may be. A figure above it is
// marked, and the bench then ends with exit code 1.

let missed = 0;

/** A heading with the names of the columns. */
export function table(heading, ...columns) {
  console.log(`\n${heading}`);
  print(["", ...columns, "at most"]);
}

/** A row without a limit. */
export function row(name, ...cells) {
  print([name, ...cells]);
}

/** A row whose `figure` may be `most` at most; `shown` says how either is written. */
export function limited(name, cells, figure, most, shown) {
  const good = figure <= most;
  missed += good ? 0 : 1;
  print([name, ...cells, shown(figure), good ? shown(most) : `${shown(most)}  MISSED`]);
}

/** Ends the bench. */
export function end() {
  if (missed > 0) console.log(`\n${missed} of the limits missed`);
  process.exitCode = missed > 0 ? 1 : 0;
}

export const ratio = (number) => number.toFixed(2);
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
export const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`;
export const milliseconds = (number) => `${number.toFixed(0)} ms`;
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function print(cells) {
  const width = (index) => (index === 0 ? 52 : 13);
  console.log(
    cells
      .map((cell, index) => String(cell ?? "").padEnd(width(index)))
      .join("")
      .trimEnd(),
  );
}
