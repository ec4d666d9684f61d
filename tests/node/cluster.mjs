/**
 * A machine with stubs of kubectl and helm, for the scripts that `setup` prints: they run for real, and every program
 * that they start is recorded with its arguments, its standard input and its environment. Programs that are no stubs do
 * their own work behind a recorder. What is right is the tests' to say.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why the scripts cannot be run here, or false. */
export const SKIP_WITHOUT_SH = process.platform === "win32" ? "there is no POSIX shell" : false;

const REAL = ["base64", "cat", "mktemp", "rm", "tr", "cp", "env"];

/** Where a program is, or undefined. */
export function located(program) {
  const { stdout, status } = spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** The shells that are there, of those that people run scripts with. */
export const SHELLS = ["dash", "bash", "sh"].filter(located);

/** Records a call, and fails where it is the one that is to fail. */
const recorder = (program) => `#!/bin/sh
call=$({ test ! -e "$RECORD/calls" || "$CAT" "$RECORD/calls"; } | { count=0; while read -r _; do count=$((count + 1)); done; echo "$count"; })
{ printf '%s' ${program}; printf '\\037%s' "$@"; echo; } >>"$RECORD/calls"
"$ENV" >"$RECORD/environment.$call"
if [ "$FAILING" = "${program} $1" ]; then
  echo "${program} $1 was told to fail" >&2
  exit 7
fi
`;

const KUBECTL = `case "$1" in apply) "$CAT" >"$RECORD/stdin.$call" ;; esac
echo "kubectl $1 done"
`;

const HELM = `case "$1" in
list) printf '%s\\n' "$RELEASES" ;;
get) "$CAT" "$TODAY" ;;
upgrade)
  for word in "$@"; do
    case "$word" in *.yaml) "$CP" "$word" "$RECORD" ;; esac
  done
  ;;
esac
`;

export class Cluster {
  folder = mkdtempSync(join(tmpdir(), "houston-deploy-cluster-"));
  #runs = 0;
  /** What `helm get values` prints. */
  today = "global:\n  baseDomain: example.com\n";
  /** What `helm list` prints. */
  releases = "[]";

  constructor({ without = [] } = {}) {
    mkdirSync(join(this.folder, "bin"));
    mkdirSync(join(this.folder, "tmp"));
    const write = (program, text) => {
      if (without.includes(program)) return;
      writeFileSync(join(this.folder, "bin", program), text);
      chmodSync(join(this.folder, "bin", program), 0o755);
    };
    write("kubectl", recorder("kubectl") + KUBECTL);
    write("helm", recorder("helm") + HELM);
    for (const program of REAL) write(program, `${recorder(program)}exec ${located(program)} "$@"\n`);
  }

  /**
   * Runs a script, and gives how it ended and what it started.
   *
   * @param {string} text
   * @param {{ shell?: string, env?: object, failing?: string, options?: string[] }} [how] `failing` is a program and its
   *   first argument
   */
  run(text, { shell = SHELLS[0], env = {}, failing = "", options = [] } = {}) {
    this.#runs += 1;
    const record = join(this.folder, `run-${this.#runs}`);
    mkdirSync(record);
    writeFileSync(join(this.folder, "setup.sh"), text);
    writeFileSync(join(this.folder, "today.yaml"), this.today);
    const ended = spawnSync(located(shell), [...options, join(this.folder, "setup.sh")], {
      cwd: this.folder,
      encoding: "utf8",
      timeout: 20_000,
      env: {
        PATH: join(this.folder, "bin"),
        TMPDIR: join(this.folder, "tmp"),
        RECORD: record,
        FAILING: failing,
        RELEASES: this.releases,
        TODAY: join(this.folder, "today.yaml"),
        CAT: located("cat"),
        CP: located("cp"),
        ENV: located("env"),
        ...env,
      },
    });
    const names = readdirSync(record);
    const read = (name) => (names.includes(name) ? readFileSync(join(record, name), "utf8") : undefined);
    const lines = (read("calls") ?? "").split("\n").slice(0, -1);
    const calls = lines.map((line, index) => {
      const [program, ...args] = line.split("\x1f");
      return { program, args, stdin: read(`stdin.${index}`), environment: read(`environment.${index}`) };
    });
    return {
      code: ended.status,
      stdout: ended.stdout,
      stderr: ended.stderr,
      calls,
      /** What Helm was given: today's values, and the overlay. */
      values: [read("today.yaml"), read("overlay.yaml")],
      /** What is left in the folder for temporary files. */
      left: readdirSync(join(this.folder, "tmp")),
    };
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
