/**
 * Names come from machines, plans and networks that anybody may have named: nothing of them may act, wherever it is
 * written.
 */

/**
 * What neither HTML nor XML 1.0 can hold (control characters, halves of surrogate pairs, U+FFFE and U+FFFF), and what
 * turns the direction of the text around it.
 */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for any place in HTML, SVG or XML: between tags, and inside quoted attributes. */
export function escaped(text: string): string {
  return text.replace(forbidden, "\ufffd").replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Text for an attribute of XML, whose line breaks a parser would turn into spaces. */
export function escapeAttribute(text: string): string {
  return escaped(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** HTML that is finished: only what these functions made is taken as it is. */
export class Html {
  constructor(readonly text: string) {}
}

export type Content = Html | string | number | undefined | false | readonly Content[];

/** A template whose values are escaped, unless they are HTML already. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(
    strings.reduce((made, part, index) => made + part + (index < values.length ? written(values[index]) : ""), ""),
  );
}

function written(value: Content): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(written).join("");
  return escaped(String(value));
}
