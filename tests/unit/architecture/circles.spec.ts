import { expect } from "chai";
import { circlesIn } from "./circles.js";
import { filesBelow, importsOf, sourceFolders } from "./sources.js";

const graph = (imports: Record<string, string[]>) => new Map(Object.entries(imports));

describe("import circles", () => {
  it("are not among our files, those of types included", () => {
    const imports = new Map(
      sourceFolders
        .flatMap(filesBelow)
        .map((file) => [file.replace(/\.[cm]?tsx?$/, ""), importsOf(file)] as const),
    );
    expect(imports.size).to.be.greaterThan(500);
    expect(circlesIn(imports)).to.deep.equal([]);
  });

  it("are found however long they are, once each, and a file that imports itself is one", () => {
    expect(circlesIn(graph({ a: ["b"], b: ["c"], c: ["a", "d"], d: ["e"], e: ["d"], f: ["f"] }))).to.deep.equal([
      ["a", "b", "c"],
      ["d", "e"],
      ["f"],
    ]);
  });

  it("are not two ways to one file, nor an import of what is no file of ours", () => {
    expect(circlesIn(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: ["zod"] }))).to.deep.equal([]);
  });
});
