import { expect } from "chai";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { crashNothing, failNothing, pathsIn, replaceNothing, withUnknown } from "./unknownValues.js";

const crashing = [
  "ReplicationPolicy",
  "ProtectionContainerMapping",
  "ReplicatedItem",
  "RecoveryPlan",
  "TestFailover",
];
const replacing = ["ReplicatedItem", "RecoveryPlan", "TestFailover", "Failover"];
const failing = ["ReplicationPolicy", "ProtectionContainerMapping", "ReplicatedItem", "TestFailover"];

describe("unknown values", () => {
  for (const token of crashing)
    it(`anywhere in a ${token} crash neither check nor diff, and keep their places`, () => crashNothing(token));

  for (const token of replacing) it(`never replace a ${token}, and count as changed`, () => replaceNothing(token));

  for (const token of failing) it(`make no failure of a valid ${token}`, () => failNothing(token));

  it("are put at any depth, and a whole swallows its parts", () => {
    const program: Properties = { a: [{ b: 1 }], c: "x" };
    expect(pathsIn(program)).to.deep.include(["a", 0, "b"]);
    expect(withUnknown(program, [["a", 0, "b"]])).to.deep.equal({ a: [{ b: unknownMarker }], c: "x" });
    expect(withUnknown(program, [["a"], ["a", 0]])).to.deep.equal({ a: unknownMarker, c: "x" });
  });
});
