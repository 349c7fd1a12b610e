import { expect } from "chai";
import { filesBelow, sourceFolders as folders, read, withoutComments } from "./sources.js";

/** Lines of all sources that a pattern matches, as `file:line: text`. */
function matches(pattern: RegExp, view: (text: string) => string = (text) => text): string[] {
  return folders.flatMap(filesBelow).flatMap((file) =>
    view(read(file))
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe("sources", () => {
  it("never use the type any, but on a line that says to the linter why", () => {
    const any = new RegExp(`(?::\\s*|\\bas\\s+|<)${"any"}\\b(?=\\s*(?:[;,)=>\\]|&[{]|$))`);
    const wrong = folders.flatMap(filesBelow).flatMap((file) => {
      const given = read(file).split("\n");
      return withoutComments(read(file))
        .split("\n")
        .flatMap((line, index) => {
          const isExplained = /biome-ignore(?:-start)? lint\/suspicious\/noExplicitAny: \S/.test(
            given[index - 1] ?? "",
          );
          return any.test(line) && !isExplained ? [`${file}:${index + 1}: ${line.trim()}`] : [];
        });
    });
    expect(wrong).to.deep.equal([]);
  });

  it("hold no unfinished-work marks", () => {
    expect(matches(new RegExp(`\\b(?:TO${"DO"}|FIX${"ME"}|XX${"X"})\\b`))).to.deep.equal([]);
  });

  it("switch off no test and run none alone", () => {
    expect(matches(new RegExp(`\\b(?:it|describe|context)\\.(?:sk${"ip"}|on${"ly"})\\b`))).to.deep.equal([]);
  });

  it("name our files by .js in every relative import", () => {
    expect(matches(/\bfrom\s+["']\.{1,2}\/[^"']*(?<!\.(?:js|json|cjs|mjs))["']/, withoutComments)).to.deep.equal(
      [],
    );
  });

  it("keep no folder called utils, helpers or common", () => {
    const wrong = folders.flatMap(filesBelow).filter((file) => /(?:^|\/)(?:utils?|helpers?|common)\//i.test(file));
    expect(wrong).to.deep.equal([]);
  });
});
