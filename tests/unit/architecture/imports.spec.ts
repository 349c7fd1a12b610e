import { expect } from "chai";
import { filesBelow, importsOf, read } from "./sources.js";

interface Arrow {
  folder: string;
  /** Path prefixes of our own files, and packages, that may be imported. */
  allowed: (specifier: string, file: string) => boolean;
  /** The same in words. */
  may: string;
}

const isPackage = (specifier: string) =>
  !/^(protocol|provider|sdk|rehearsal|report|cli|tests|bench|examples|scripts|dist|package\.json)(\/|$)/.test(
    specifier,
  );
const below =
  (...folders: string[]) =>
  (specifier: string) =>
    folders.some((folder) => specifier === folder || specifier.startsWith(`${folder}/`));

/** Files of the provider that hold names and enums, and no decision. */
const publicData = ["provider/connectivity/unknown", "provider/shells/dynamicType"];

const arrows: Arrow[] = [
  {
    folder: "protocol",
    may: "itself and protobufjs",
    allowed: (specifier) => specifier.startsWith("protobufjs/") || below("protocol")(specifier),
  },
  { folder: "provider/lifecycle", may: "itself only", allowed: below("provider/lifecycle") },
  {
    folder: "provider/connectivity",
    may: "itself, and zod for parsing",
    allowed: (specifier) => specifier === "zod" || below("provider/connectivity")(specifier),
  },
  {
    folder: "provider/evidence",
    may: "itself, and the types of plans and jobs",
    allowed: below("provider/evidence", "provider/connectivity/types", "provider/siterecovery/siteRecovery"),
  },
  {
    folder: "provider/siterecovery",
    may: "itself and packages, but not Pulumi",
    allowed: (specifier) =>
      below("provider/siterecovery")(specifier) || (isPackage(specifier) && !specifier.startsWith("@pulumi/")),
  },
  {
    folder: "provider/resources",
    may: "the pure folders, the adapter's interface and its errors, zod and node's own modules",
    allowed: (specifier) =>
      below("provider/resources", "provider/lifecycle", "provider/connectivity", "provider/evidence")(specifier) ||
      below("provider/siterecovery/siteRecovery", "provider/siterecovery/errors")(specifier) ||
      specifier === "zod" ||
      // node:fs for certificates alone: they are given by reference, a file's path, and never as a value.
      ["node:crypto", "node:timers/promises", "node:fs"].includes(specifier),
  },
  {
    folder: "provider",
    may: "the protocol, and nothing of sdk, rehearsal, cli, tests or examples",
    allowed: (specifier) => isPackage(specifier) || below("provider", "protocol", "package.json")(specifier),
  },
  {
    folder: "sdk",
    may: "no Azure client, nothing of rehearsal, cli or the Azure adapter",
    allowed: (specifier) =>
      (isPackage(specifier) && (!specifier.startsWith("@azure/") || specifier === "@pulumi/azure-native")) ||
      (below("sdk", "provider")(specifier) && !below("provider/siterecovery/azure")(specifier)),
  },
  {
    folder: "report",
    may: "itself, the shape and the words of evidence, and zod",
    allowed: (specifier) =>
      specifier === "zod" || below("report", "provider/evidence/types", "provider/evidence/duration")(specifier),
  },
  {
    folder: "rehearsal/emulator",
    may: "itself, node and packages, but nothing of the provider, of Pulumi or of an Azure client",
    allowed: (specifier) =>
      below("rehearsal/emulator", "package.json")(specifier) ||
      (isPackage(specifier) && !/^@(azure|pulumi)\//.test(specifier)),
  },
  {
    folder: "rehearsal",
    may: `the protocol, and of the provider only names and enums: ${publicData.join(", ")}`,
    allowed: (specifier) =>
      isPackage(specifier) ||
      below("rehearsal", "protocol", "package.json")(specifier) ||
      below(...publicData)(specifier),
  },
];

describe("import arrows", () => {
  for (const { folder, may, allowed } of arrows) {
    it(`lets files in ${folder} import ${may}`, () => {
      const files = filesBelow(folder);
      expect(files.length, `files in ${folder}`).to.be.greaterThan(0);
      const wrong = files.flatMap((file) =>
        importsOf(file)
          .filter((specifier) => !allowed(specifier, file))
          .map((specifier) => `${file} imports ${specifier}`),
      );
      expect(wrong).to.deep.equal([]);
    });
  }

  it("finds every way to import: from, for side effects, for types, by require, dynamically, and again by export", () => {
    const found = importsOf("tests/unit/architecture/sources.ts");
    expect(found).to.have.members(["node:fs", "node:path"]);
    expect(importsOf("tests/unit/architecture/imports.spec.ts")).to.include("tests/unit/architecture/sources");
  });

  it("keeps the pure folders free of a clock, of the process and of timers", () => {
    const words =
      /\b(?:Date\.now\(|new Date\(\)|process\.(?:env|argv|exit|stdout)|setTimeout\(|setInterval\(|Math\.random\(|fetch\()/;
    const wrong = ["protocol", "provider/lifecycle", "provider/connectivity", "provider/evidence", "report"]
      .flatMap(filesBelow)
      .filter((file) => words.test(read(file)));
    expect(wrong).to.deep.equal([]);
  });
});
