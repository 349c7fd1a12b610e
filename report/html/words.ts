/** How numbers, times and names are written for a reader. */

import { describeSeconds } from "../../provider/evidence/duration.js";

export function duration(seconds: number | undefined): string {
  return seconds === undefined ? "not measured" : describeSeconds(seconds);
}

/** `2026-05-01 10:20 UTC`; `unknown` for what is no time. */
export function moment(text: string | undefined): string {
  const time = Date.parse(text ?? "");
  return Number.isFinite(time) ? `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC` : "unknown";
}

export function day(text: string | undefined): string {
  return moment(text).slice(0, 10);
}

/** The beginning of a name that is too long for a drawing; the tables hold it whole. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

const paths: Readonly<Record<string, string>> = {
  bastion: "Azure Bastion",
  vpn: "VPN",
  expressRoute: "ExpressRoute",
  internet: "Internet",
  private: "Private network",
};

export function pathName(path: string): string {
  return Object.hasOwn(paths, path) ? (paths[path] ?? path) : path;
}

/** What Azure answered, as a sign with a word: a sign alone says nothing to a screen reader. */
export function answer(reachable: boolean | null): {
  sign: string;
  word: string;
  kind: "open" | "shut" | "unasked";
} {
  if (reachable === null) return { sign: "?", word: "not asked", kind: "unasked" };
  return reachable ? { sign: "✓", word: "open", kind: "open" } : { sign: "✗", word: "blocked", kind: "shut" };
}

const steps = [
  1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800, 2_592_000,
];

/** Round seconds for the marks of an axis: 0, and at most so many more. */
export function marksUpTo(span: number, most: number): number[] {
  const step = steps.find((each) => span / each <= most) ?? span / most;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

export function markLabel(seconds: number): string {
  return seconds === 0 ? "0" : describeSeconds(seconds);
}
