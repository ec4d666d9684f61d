// Is loaded before a program that is measured, and writes down at its end what the process has used.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.env.BENCH_FIGURES;
delete process.env.BENCH_FIGURES;

/** The most memory that the process ever had, in bytes: what Linux calls its high-water mark. */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(file, JSON.stringify({ processor: (user + system) / 1000, peak: peak() }));
});
