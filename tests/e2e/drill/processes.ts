/** Processes as Linux shows them: what an engine started, so that a test can end one of it, and nothing else. */

import { readdirSync, readFileSync } from "node:fs";

interface ProcessEntry {
  pid: number;
  parent: number;
  command: string;
}

/** Every process below this one, at any depth. */
export function descendants(root: number): ProcessEntry[] {
  const all = list();
  const found: ProcessEntry[] = [];
  const open = [root];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    const children = all.filter((entry) => entry.parent === parent);
    found.push(...children);
    open.push(...children.map(({ pid }) => pid));
  }
  return found;
}

/** Ends a process at once; one that is gone already is no error. */
export function endAtOnce(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function list(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The command's name, in brackets, may hold anything.
        const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return [];
      }
    });
}
