/** Command lines of the binaries: every problem at once, each naming the option, the value and what is allowed. */

import { parseArgs } from "node:util";

export type Options = Record<string, { type: "string" | "boolean"; multiple?: boolean }>;

/** Values by option; what was not given is undefined. */
export type Values<T extends Options> = {
  [K in keyof T]?: T[K]["multiple"] extends true ? string[] : T[K]["type"] extends "string" ? string : boolean;
};

/** A command line that cannot be used; its message is meant for the user as it is. */
export class UsageError extends Error {}

/**
 * Parses options only; positional arguments are refused unless allowed.
 *
 * @throws UsageError naming the option and the ones that exist
 */
export function readArguments<T extends Options>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
): { values: Values<T>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals, strict: true });
    return { values: values as Values<T>, positionals };
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(
      `${error instanceof Error ? firstSentence(error.message) : String(error)}. Options: ${known.join(", ")}`,
    );
  }
}

/** @throws UsageError where the value is no number in the range */
export function numberOption(
  name: string,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number) || number < min || number > max) {
    throw new UsageError(`--${name}: ${JSON.stringify(value)} is not allowed. Allowed: a number, ${min}-${max}`);
  }
  return number;
}

function firstSentence(message: string): string {
  return message.split(". ")[0]?.replace(/\.$/, "") ?? message;
}
