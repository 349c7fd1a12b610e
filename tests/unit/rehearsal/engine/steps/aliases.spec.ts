import { expect } from "chai";
import type { ResourceState } from "../../../../../rehearsal/engine/state/resourceState.js";
import { AliasResolver } from "../../../../../rehearsal/engine/steps/aliases.js";
import { type Alias, emptyGoal, type ResourceGoal } from "../../../../../rehearsal/engine/steps/goal.js";
import { makeUrn, stackUrn } from "../../../../../rehearsal/engine/urn.js";

const stack = stackUrn("dev", "p");

function goal(name: string, aliases: Alias[], parent = stack, type = "t:i:T"): ResourceGoal {
  return { ...emptyGoal, type, name, inputs: {}, parent, aliases };
}

function resolver(...urns: string[]): AliasResolver {
  const olds = urns.map((urn): [string, ResourceState] => [urn, { urn, custom: true, id: "i", type: "t:i:T" }]);
  return new AliasResolver("dev", "p", new Map(olds));
}

const urnOf = (name: string, parent = stack, type = "t:i:T") => makeUrn("dev", "p", parent, type, name);

describe("AliasResolver", () => {
  it("prefers the resource's own URN", () => {
    const found = resolver(urnOf("new"), urnOf("old")).find(
      urnOf("new"),
      goal("new", [{ name: "old" }]),
      new Set(),
    );
    expect(found.old?.urn).to.equal(urnOf("new"));
  });

  it("finds another name, another type, another parent, another project, or a whole URN", () => {
    const cases: [Alias, string][] = [
      [{ name: "old" }, urnOf("old")],
      [{ type: "t:i:Old" }, urnOf("new", stack, "t:i:Old")],
      [{ parentUrn: urnOf("group", stack, "g:g:G") }, urnOf("new", urnOf("group", stack, "g:g:G"))],
      [{ project: "q" }, makeUrn("dev", "q", "", "t:i:T", "new")],
      [{ urn: "urn:pulumi:dev::p::x:y:Z::z" }, "urn:pulumi:dev::p::x:y:Z::z"],
    ];
    for (const [alias, old] of cases) {
      expect(
        resolver(old).find(urnOf("new"), goal("new", [alias]), new Set()).old?.urn,
        JSON.stringify(alias),
      ).to.equal(old);
    }
  });

  it("follows a parent that was found under an alias, its name in the child's too", () => {
    const oldParent = urnOf("app", stack, "g:g:G");
    const newParent = urnOf("shop", stack, "g:g:G");
    const oldChild = urnOf("app-child", oldParent);
    const aliases = resolver(oldParent, oldChild);
    aliases.find(newParent, goal("shop", [{ name: "app" }], stack, "g:g:G"), new Set());
    expect(
      aliases.find(urnOf("shop-child", newParent), goal("shop-child", [], newParent), new Set()).old?.urn,
    ).to.equal(oldChild);
    expect(aliases.oldUrnOf(newParent)).to.equal(oldParent);
  });

  it("says so where two resources claim one", () => {
    const aliases = resolver(urnOf("old"));
    aliases.find(urnOf("first"), goal("first", [{ name: "old" }]), new Set());
    expect(aliases.find(urnOf("second"), goal("second", [{ name: "old" }]), new Set()).problem).to.contain(
      "Duplicate resource alias",
    );
    expect(aliases.find(urnOf("old"), goal("old", []), new Set()).problem).to.contain("conflicting with alias");
  });
});
