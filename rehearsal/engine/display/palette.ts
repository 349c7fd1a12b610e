import type { StepOp } from "../events.js";

/** Colours text by what it stands for; the plain palette leaves it as it is. */
export interface Palette {
  op(op: StepOp, text: string): string;
  headline(text: string): string;
  error(text: string): string;
  warning(text: string): string;
}

export const plainPalette: Palette = {
  op: (_, text) => text,
  headline: (text) => text,
  error: (text) => text,
  warning: (text) => text,
};

const escapes: Record<"green" | "red" | "yellow" | "magenta" | "cyan" | "bold", string> = {
  green: "32",
  red: "31",
  yellow: "33",
  magenta: "35",
  cyan: "36",
  bold: "1;95",
};

const opColours: Partial<Record<StepOp, keyof typeof escapes>> = {
  create: "green",
  "create-replacement": "green",
  delete: "red",
  "delete-replaced": "red",
  update: "yellow",
  refresh: "yellow",
  replace: "magenta",
  read: "cyan",
};

function paint(colour: keyof typeof escapes | undefined, text: string): string {
  return colour === undefined || text.trim() === "" ? text : `\u001b[${escapes[colour]}m${text}\u001b[0m`;
}

const colourPalette: Palette = {
  op: (op, text) => paint(opColours[op], text),
  headline: (text) => paint("bold", text),
  error: (text) => paint("red", text),
  warning: (text) => paint("yellow", text),
};

/** The palette for a stream: colours only on a terminal, and not where NO_COLOR is set. */
export function paletteFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Palette {
  const noColour = environment.NO_COLOR;
  return stream.isTTY === true && (noColour === undefined || noColour === "") ? colourPalette : plainPalette;
}

/** The two characters in front of a step's line. */
export const opPrefixes: Record<StepOp, string> = {
  same: "  ",
  create: "+ ",
  delete: "- ",
  update: "~ ",
  replace: "+-",
  "create-replacement": "++",
  "delete-replaced": "--",
  read: "> ",
  "read-replacement": ">>",
  discard: "< ",
  "discard-replaced": "<<",
  import: "= ",
  "import-replacement": "=>",
  refresh: "~ ",
  "remove-pending-replace": "~ ",
};
