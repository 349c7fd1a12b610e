import { expect } from "chai";
import fc from "fast-check";
import { diffLines } from "../../../../../rehearsal/engine/display/lineDiff.js";
import { diffObjects, forDisplay } from "../../../../../rehearsal/engine/display/propertyDiff.js";
import { PropertyPrinter } from "../../../../../rehearsal/engine/display/propertyPrinter.js";
import { makeSecret, type PropertyMap, unknownValue } from "../../../../../rehearsal/engine/propertyValues.js";

function printDiff(old: PropertyMap, current: PropertyMap): string[] {
  const diff = diffObjects(forDisplay(old), forDisplay(current));
  const printer = new PropertyPrinter();
  if (diff !== undefined) {
    printer.printObjectDiff(diff, 1);
  }
  return printer.toString().split("\n").slice(0, -1);
}

describe("PropertyPrinter", () => {
  it("aligns properties, hides secrets, and leaves internal keys out", () => {
    const printer = new PropertyPrinter();
    const properties = {
      __provider: "code",
      a: 1,
      list: ["x", { y: true }],
      none: null,
      s: makeSecret("hidden"),
      u: unknownValue,
    };
    printer.printObject(forDisplay(properties), { indent: 1, op: "create", hasPrefix: false });
    expect(printer.toString()).to.equal(
      [
        "    a         : 1",
        "    list      : [",
        '        [0]: "x"',
        "        [1]: {",
        "            y: true",
        "        }",
        "    ]",
        "    none      : <null>",
        "    s         : [secret]",
        "    u         : [unknown]",
        "",
      ].join("\n"),
    );
  });

  it("marks what was added, changed and taken away, at each level", () => {
    expect(
      printDiff(
        { a: "1", gone: 2, deep: { x: 1, same: "s" }, list: [1, 2, 3] },
        { a: "2", deep: { x: 2, same: "s" }, list: [1, 4], fresh: [] },
      ),
    ).to.deep.equal([
      '  ~ a    : "1" => "2"',
      "  ~ deep : {",
      '        same: "s"',
      "      ~ x   : 1 => 2",
      "    }",
      "  + fresh: []",
      "  - gone : 2",
      "  ~ list : [",
      "        [0]: 1",
      "      ~ [1]: 2 => 4",
      "      - [2]: 3",
      "    ]",
    ]);
  });

  it("shows no change where only a secret's content changed", () => {
    expect(printDiff({ s: makeSecret("1") }, { s: makeSecret("2") })).to.deep.equal([]);
  });

  it("compares texts of several lines by line, and structured ones by structure", () => {
    expect(printDiff({ t: "one\ntwo: {\nthree" }, { t: "one\n2\nthree" })).to.deep.equal([
      "  ~ t: ",
      "        one",
      "      - two: {",
      "      + 2",
      "        three",
    ]);
    expect(printDiff({ t: '{"a":1,"b":2}' }, { t: '{"a":1,"b":3}' })).to.deep.equal([
      "  ~ t: (json) {",
      "        a: 1",
      "      ~ b: 2 => 3",
      "    }",
    ]);
  });
});

describe("diffLines", () => {
  it("holds both texts whole, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 }).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (old, current) => {
        const runs = diffLines(old, current);
        const without = (kind: string) =>
          runs
            .filter((run) => run.kind !== kind)
            .flatMap(({ lines }) => lines)
            .join("\n");
        expect(without("insert")).to.equal(old);
        expect(without("delete")).to.equal(current);
      }),
    );
  });
});
