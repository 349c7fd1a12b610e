/** The project's own TypeScript files and what they import. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

export const root = resolve(__dirname, "..", "..", "..");

/** Every folder that has TypeScript of ours. */
export const sourceFolders = [
  "protocol",
  "provider",
  "sdk",
  "rehearsal",
  "report",
  "cli",
  "tests",
  "bench",
  "examples",
];

/** Paths below a folder of the project, with `/` on every platform; empty where the folder is not there. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "dist") continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) visit(inner);
      else if (/\.[cm]?tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
        found.push(relative(root, inner).split(sep).join("/"));
    }
  };
  try {
    visit(join(root, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return found.sort();
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/**
 * What a file imports, types included: packages by their specifier, our own files by their path from the project's
 * root, without extension.
 */
export function importsOf(file: string): string[] {
  const text = withoutComments(read(file));
  const patterns = [
    /\b(?:import|export)\s[^;"'`]*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*["']([^"']+)["']/g,
    /\b(?:import|require|require\.resolve)\s*\(\s*["']([^"']+)["']/g,
  ];
  const specifiers = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""));
  return [...new Set(specifiers)].map((specifier) =>
    specifier.startsWith(".")
      ? relative(root, resolve(root, dirname(file), specifier))
          .split(sep)
          .join("/")
          .replace(/\.[cm]?[jt]s$/, "")
      : specifier,
  );
}

/** The text with comments blanked out; lines and strings stay as they are. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g,
    (match, quoted: string | undefined) => (quoted === undefined ? match.replace(/[^\n]+/g, " ") : match),
  );
}
