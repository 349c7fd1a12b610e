import { expect } from "chai";
import fc from "fast-check";
import type { RunEvidence } from "../../../provider/evidence/types.js";
import { escaped, html } from "../../../report/escape.js";
import { readEvidence, reportOf, subjectsOf } from "../../../report/index.js";
import { all, parseMarkup, textOf } from "./markup.js";
import { makeRun } from "./runs.js";

const known = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  "</title></style></svg></pre><script>alert(1)</script>",
  "]]><b>&lt;&amp;&#x3c;",
  "<!-- --> <![CDATA[x]]> <?php ?>",
  "\u0000\u0001\u0008\u000b\u001b[31m\u007f\u0085\u202egnp.exe\u2066",
  "\ud800 \udc00 \ufffe\uffff",
  "a\r\nb\tc",
  "javascript:alert(1)",
  "__proto__",
  "constructor",
  "😀".repeat(40),
];
const hostile = fc.oneof(
  fc.constantFrom(...known),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
);

/** Every text of a run that somebody else may have chosen. */
function withNames(run: RunEvidence, names: readonly string[]): RunEvidence {
  let index = 0;
  const next = () => names[index++ % names.length] ?? "";
  const machines = run.machines.map((machine) => ({
    ...machine,
    name: next(),
    privateIp: next(),
    access: machine.access.map((access) => ({
      ...access,
      path: next(),
      protocol: next(),
      source: next(),
      decidedBy: next(),
    })),
  }));
  return {
    ...run,
    targetName: next(),
    vaultName: next(),
    jobName: next(),
    state: next(),
    recoveryPoint: next(),
    machines,
    tasks: run.tasks.map((task) => ({ ...task, name: next(), state: next(), machine: next() })),
    goals: run.goals.map((goal) => ({ ...goal, machine: next() })),
    findings: run.findings.map((finding) => ({ ...finding, machine: next(), text: next(), remedy: next() })),
    versions: { package: next(), engine: next() },
    hashes: { recoveryPlan: next() },
  };
}

const base = makeRun({ machines: 11, recoveryTimeGoalSeconds: 800, recoveryPointGoalSeconds: 205 });

describe("a report of names that mean harm", () => {
  it("has no element, attribute or script that a report of harmless names has not", () => {
    const shape = (run: RunEvidence) => {
      const page = parseMarkup(reportOf(subjectsOf([run]))["drill.html"], "html");
      const kinds = all(page).flatMap(({ name, attributes }) => [
        name,
        ...Object.keys(attributes).map((key) => `${name}[${key}]`),
      ]);
      return new Set(kinds);
    };
    const harmless = shape(base);
    expect([...harmless])
      .to.not.include("script")
      .and.to.not.include("img");
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (names) => {
        const strange = [...shape(withNames(base, names))].filter((kind) => !harmless.has(kind));
        // What a failed run shows besides is the report's own.
        expect(strange.filter((kind) => !["br", "li", "ul", "strong"].includes(kind))).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it("is well-formed XML for CI, with the same tests, whatever the names", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (names) => {
        const document = parseMarkup(reportOf(subjectsOf([withNames(base, names)]))["drill.junit.xml"], "xml");
        expect(all(document, "testcase")).to.have.length(1 + base.goals.length);
      }),
      { numRuns: 60 },
    );
  });

  it("is JSON that gives every name back as it was", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (names) => {
        const run = withNames(base, names);
        const { runs, problems } = readEvidence(reportOf(subjectsOf([run]))["drill.json"], "drill.json");
        expect(problems).to.deep.equal([]);
        expect(runs).to.deep.equal([run]);
      }),
      { numRuns: 40 },
    );
  });

  it("lets nothing load and nothing run, even if a name got through", () => {
    const page = parseMarkup(reportOf(subjectsOf([base]))["drill.html"], "html");
    const policy = all(page, "meta").find(
      ({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy",
    );
    expect(policy?.attributes.content).to.contain("default-src 'none'");
    const loads = all(page).filter(
      ({ attributes }) => "src" in attributes || ("href" in attributes && attributes.href !== "data:,"),
    );
    expect(loads).to.deep.equal([]);
    expect(all(page, "script")).to.deep.equal([]);
  });
});

describe("escaped", () => {
  it("gives text back through a parser, but for what no document may hold", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const read = textOf(parseMarkup(`<p>${escaped(text)}</p>`, "xml"));
        const bare = (value: string) => value.replace(/[^\x20-\x7e]/g, "");
        expect(bare(read)).to.equal(bare(text));
        expect(read).to.not.match(/[\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe("html", () => {
  it("takes only its own templates as they are, and leaves out what is not there", () => {
    expect(html`<p>${"<b>"}${html`<i>${1}</i>`}${undefined}${false}${["&", html`<br>`]}</p>`.text).to.equal(
      "<p>&lt;b&gt;<i>1</i>&amp;<br></p>",
    );
  });
});
