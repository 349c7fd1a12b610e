import { expect } from "chai";
import fc from "fast-check";
import type { ResourceState } from "../../../../../rehearsal/engine/state/resourceState.js";
import { deleteWaves, dependentsOf } from "../../../../../rehearsal/engine/steps/dependencyGraph.js";

function state(urn: string, fields: Partial<ResourceState> = {}): ResourceState {
  return { urn, custom: true, id: urn, type: "t", ...fields };
}

function waves(all: ResourceState[], condemned = all): string[][] {
  return deleteWaves(
    condemned.map((old) => ({ old })),
    all,
  ).map((wave) => wave.map(({ old }) => old.urn).sort());
}

describe("deleteWaves", () => {
  it("deletes what depends on a resource, and its children, before the resource", () => {
    const all = [
      state("stack", { custom: false }),
      state("a", { parent: "stack" }),
      state("b", { parent: "stack", dependencies: ["a"] }),
      state("group", { parent: "stack", custom: false }),
      state("child", { parent: "group" }),
      state("c", { parent: "stack", propertyDependencies: { x: ["b"] } }),
    ];
    const order = waves(all).flat();
    for (const [first, second] of [
      ["c", "b"],
      ["b", "a"],
      ["child", "group"],
      ["group", "stack"],
      ["a", "stack"],
    ] as const) {
      expect(order.indexOf(first), `${first} before ${second}`).to.be.lessThan(order.indexOf(second));
    }
  });

  it("keeps the children of a component that something depends on until that is gone", () => {
    const all = [
      state("group", { custom: false }),
      state("child", { parent: "group" }),
      state("after", { dependencies: ["group"] }),
    ];
    expect(waves(all)).to.deep.equal([["after"], ["child"], ["group"]]);
  });

  it("sees dependencies that lead over resources that stay", () => {
    const all = [state("a"), state("stays", { dependencies: ["a"] }), state("b", { dependencies: ["stays"] })];
    expect(waves(all, [all[0] as ResourceState, all[2] as ResourceState])).to.deep.equal([["b"], ["a"]]);
  });

  it("never puts a resource in the wave of what it needs, or after it, whatever the graph", () => {
    const graphs = fc.array(
      fc.record({ needs: fc.array(fc.nat(30), { maxLength: 4 }), parent: fc.option(fc.nat(30)) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(graphs, (nodes) => {
        const all = nodes.map(({ needs, parent }, i) => {
          const dependencies = needs.filter((n) => n < i).map(String);
          return state(String(i), {
            ...(dependencies.length > 0 ? { dependencies } : {}),
            ...(parent !== null && parent < i ? { parent: String(parent) } : {}),
          });
        });
        const waveOf = new Map(waves(all).flatMap((wave, i) => wave.map((urn) => [urn, i] as const)));
        expect(waveOf.size).to.equal(all.length);
        for (const { urn, dependencies, parent } of all) {
          for (const needed of [...(dependencies ?? []), ...(parent === undefined ? [] : [parent])]) {
            expect(waveOf.get(urn)).to.be.lessThan(waveOf.get(needed) ?? -1);
          }
        }
      }),
    );
  });
});

describe("dependentsOf", () => {
  it("finds dependents of dependents, in order, without those that are ignored", () => {
    const root = state("root");
    const all = [
      root,
      state("x", { dependencies: ["root"] }),
      state("y", { propertyDependencies: { p: ["x"] } }),
      state("z"),
    ];
    expect(dependentsOf(root, all, new Set()).map(({ urn }) => urn)).to.deep.equal(["x", "y"]);
    expect(dependentsOf(root, all, new Set(["x"])).map(({ urn }) => urn)).to.deep.equal([]);
  });
});
