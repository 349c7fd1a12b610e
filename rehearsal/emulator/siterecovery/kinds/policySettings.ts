/** Reading a policy's or a mapping's body: what is given, else what was there, else the default; every problem is told. */

import type { Problem } from "./kind.js";

export type Settings = { [key: string]: unknown };

const path = "properties.providerSpecificInput";

export interface SettingsReader {
  /** A whole number. `known` is the setting's name in answers where that is another one. */
  whole(name: string, wanted: { fallback: number; allowed: string; known?: string }, ...ranges: Range[]): number;
  /** One of some words. */
  word<T extends string>(name: string, fallback: T, allowed: readonly T[]): T;
  /** A problem of a setting that is well by itself. */
  refuse(name: string, message: string): void;
}

/** Both ends included; one number stands for itself. */
type Range = readonly [least: number, most: number] | number;

export function settingsReader(
  input: Settings,
  before: Settings | undefined,
  problems: Problem[],
): SettingsReader {
  const refuse = (name: string, message: string) => {
    problems.push({ path: `${path}.${name}`, message });
  };
  return {
    refuse,
    whole(name, { fallback, allowed, known = name }, ...ranges) {
      const value = input[name] ?? before?.[known] ?? fallback;
      if (typeof value === "number" && Number.isInteger(value) && ranges.some((range) => isIn(value, range))) {
        return value;
      }
      refuse(name, `${JSON.stringify(value)} is not allowed; allowed: ${allowed}`);
      return fallback;
    },
    word(name, fallback, allowed) {
      const value = String(input[name] ?? before?.[name] ?? fallback).toLowerCase();
      const found = allowed.find((each) => each.toLowerCase() === value);
      if (found !== undefined) return found;
      const words = allowed.map((each) => `"${each}"`).join(", ");
      refuse(name, `${JSON.stringify(input[name])} is not allowed; allowed: ${words}`);
      return fallback;
    },
  };
}

function isIn(value: number, range: Range): boolean {
  return typeof range === "number" ? value === range : value >= range[0] && value <= range[1];
}
