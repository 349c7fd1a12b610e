/** A small strict parser of markup, for tests: XML 1.0 without DTDs, or HTML as the report writes it. */

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

const voids = ["meta", "link", "br", "hr", "img", "input"];
const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** @throws Error naming what is not well formed, and where */
export function parseMarkup(text: string, kind: "xml" | "html"): Element {
  const root: Element = { name: "#document", attributes: {}, children: [] };
  const open: Element[] = [root];
  const here = () => open[open.length - 1] ?? root;
  const tag = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/y;
  let at = 0;
  const wrong = (what: string): never => {
    throw new Error(`${what} at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`);
  };
  while (at < text.length) {
    if (text.startsWith(kind === "xml" ? "<?xml" : "<!doctype", at)) {
      at = text.indexOf(">", at) + 1;
      continue;
    }
    if (here().name === "style") {
      const end = text.indexOf("</style>", at);
      here().children.push(text.slice(at, end));
      at = end;
    }
    const next = text.indexOf("<", at);
    const run = text.slice(at, next < 0 ? undefined : next);
    if (run !== "") here().children.push(readText(run, wrong));
    if (next < 0) break;
    at = next;
    tag.lastIndex = at;
    const match = tag.exec(text);
    if (!match) return wrong("no tag");
    const [whole, slash, name = "", attributes = "", self] = match;
    if (slash) {
      if (here().name !== name) wrong(`</${name}> closes <${here().name}>`);
      open.pop();
    } else {
      const element: Element = { name, attributes: {}, children: [] };
      for (const [, key = "", value = ""] of attributes.matchAll(/([\w:.-]+)="([^"]*)"/g)) {
        if (key in element.attributes) wrong(`${key} twice`);
        element.attributes[key] = readText(value, wrong);
      }
      here().children.push(element);
      if (!self && !(kind === "html" && voids.includes(name))) open.push(element);
    }
    at += whole.length;
  }
  if (open.length > 1) wrong(`<${here().name}> is not closed`);
  return root;
}

function readText(text: string, wrong: (what: string) => never): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) wrong("a character that XML forbids");
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
    wrong("half of a surrogate pair");
  if (text.includes(">")) wrong("a bare >");
  return text.replace(/&([^;]{0,12});?/g, (entity, name: string) => {
    if (!entity.endsWith(";")) wrong(`a bare &`);
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return names[name] ?? wrong(`unknown &${name};`);
  });
}

export function all(element: Element, name?: string): Element[] {
  return element.children.flatMap((child) =>
    typeof child === "string"
      ? []
      : [...(name === undefined || child.name === name ? [child] : []), ...all(child, name)],
  );
}

export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}
