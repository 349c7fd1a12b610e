import { readFileSync } from "node:fs";
import { isNode, LineCounter, parseDocument } from "yaml";
import { consistencyProblems } from "./consistency.js";
import { EstateError, type EstateProblem } from "./errors.js";
import { salvage } from "./salvage.js";
import { type Estate, estateSchema } from "./schema.js";

/**
 * Reads an estate file.
 * @throws EstateError naming every problem with its line, also one of YAML itself or of a file that is not there
 */
export function loadEstate(file: string): Estate {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new EstateError(file, [{ line: undefined, path: "", message }]);
  }
  return parseEstate(text, file);
}

/** Reads an estate from YAML or JSON text; `file` is what problems call it. @throws EstateError */
export function parseEstate(text: string, file = "estate.yaml"): Estate {
  const json = jsonOf(text);
  if (json !== undefined) {
    const result = estateSchema.safeParse(json);
    if (result.success && consistencyProblems(result.data).length === 0) return result.data;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new EstateError(
      file,
      document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        path: "",
        message: error.message,
      })),
    );
  const lineOf = (path: (string | number)[]): number | undefined => {
    // What is missing has no place of its own: the nearest thing that holds it does.
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return checked(document.toJS(), file, lineOf);
}

/** JSON is YAML too, and read many times faster; what is wrong with it is told by the YAML reader, which knows lines. */
function jsonOf(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Checks an estate that is given as an object. @throws EstateError */
export function checkEstate(value: unknown): Estate {
  return checked(value, "estate", () => undefined);
}

function checked(value: unknown, file: string, lineOf: (path: (string | number)[]) => number | undefined): Estate {
  const result = estateSchema.safeParse(value, { reportInput: true });
  const problems = result.success
    ? consistencyProblems(result.data)
    : [...result.error.issues.flatMap(schemaProblems), ...remainingProblems(value)];
  if (result.success && problems.length === 0) return result.data;
  throw new EstateError(
    file,
    problems
      .map(({ path, message }) => ({ line: lineOf(path), path: path.join("."), message }))
      .sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  );
}

function schemaProblems(issue: Issue & { path: PropertyKey[]; keys?: string[] }): EstateProblem[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  // One problem for each unknown property, at its own line.
  if (issue.code === "unrecognized_keys")
    return (issue.keys ?? []).map((key) => ({ path: [...path, key], message: "is not a property here" }));
  return [{ path, message: describeIssue(issue) }];
}

/** What does not fit together among the parts that the schema accepts. */
function remainingProblems(value: unknown): EstateProblem[] {
  const salvaged = salvage(value);
  if (!salvaged) return [];
  return consistencyProblems(salvaged.estate)
    .filter(({ message }) => {
      const missing = /^"(.+?)" is not one of |has no subnet "(.+?)"/.exec(message);
      return !salvaged.isLost(missing?.[1] ?? missing?.[2] ?? "");
    })
    .map(({ path, message }) => ({ path: salvaged.originalPath(path), message }));
}

interface Issue {
  code?: string;
  message: string;
  input?: unknown;
  expected?: unknown;
  values?: unknown;
}

/** Words for the issues that zod finds by itself; the schema's own refinements bring theirs. */
function describeIssue(issue: Issue): string {
  const given = JSON.stringify(issue.input) ?? "nothing";
  const short = given.length > 60 ? `${given.slice(0, 57)}...` : given;
  if (issue.input === undefined) return `is missing${allowed(issue)}`;
  if (issue.code === "invalid_type" && typeof issue.expected === "string" && !issue.message.startsWith("must"))
    return `must be ${words[issue.expected] ?? issue.expected}, given ${short}`;
  if (issue.code === "invalid_value") return `${short} is not allowed${allowed(issue)}`;
  return issue.message;
}

const words: Record<string, string> = {
  object: "an object",
  array: "a list",
  string: "text",
  number: "a number",
  boolean: "true or false",
};

function allowed(issue: Issue): string {
  if (Array.isArray(issue.values)) return `; allowed: ${issue.values.join(", ")}`;
  return typeof issue.expected === "string" ? `; required: ${words[issue.expected] ?? issue.expected}` : "";
}
