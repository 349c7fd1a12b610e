import { expect } from "chai";
import { compareVersions, defaultVersions } from "../../../../../rehearsal/engine/providers/defaultVersions.js";
import type { ResourceState } from "../../../../../rehearsal/engine/state/resourceState.js";

describe("compareVersions", () => {
  it("orders versions as the specification's own example does", () => {
    const ordered = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.2.0",
      "1.10.0",
      "2.0.0",
    ];
    for (const [i, older] of ordered.entries()) {
      expect(compareVersions(older, older)).to.equal(0);
      for (const newer of ordered.slice(i + 1)) {
        expect(compareVersions(older, newer), `${older} < ${newer}`).to.be.lessThan(0);
        expect(compareVersions(newer, older), `${newer} > ${older}`).to.be.greaterThan(0);
      }
    }
  });

  it("leaves out what only tells one build from another", () => {
    expect(compareVersions("1.0.0+a", "1.0.0+b")).to.equal(0);
  });
});

describe("defaultVersions", () => {
  it("takes the newest version of each package among the stack's providers", () => {
    const provider = (packageName: string, version?: string): ResourceState => ({
      urn: `urn:pulumi:dev::p::pulumi:providers:${packageName}::${version}`,
      type: `pulumi:providers:${packageName}`,
      custom: true,
      inputs: version === undefined ? {} : { version },
    });
    const found = defaultVersions([
      provider("a", "1.9.0"),
      provider("a", "1.10.0-rc.1"),
      provider("a"),
      provider("b"),
      { ...provider("c", "3.0.0"), type: "c:index:Item" },
    ]);
    expect([...found]).to.deep.equal([["a", "1.10.0-rc.1"]]);
  });
});
