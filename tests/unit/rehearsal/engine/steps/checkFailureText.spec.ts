import { expect } from "chai";
import { makeSecret, unknownValue } from "../../../../../rehearsal/engine/propertyValues.js";
import { formatCheckedValue } from "../../../../../rehearsal/engine/steps/checkFailureText.js";

describe("formatCheckedValue", () => {
  it("prints values as Pulumi's messages do, and no secret", () => {
    expect(formatCheckedValue("x")).to.equal("{x}");
    expect(formatCheckedValue(undefined)).to.equal("{<nil>}");
    expect(formatCheckedValue({ x: [1, "a"] })).to.equal("{map[x:{[{1} {a}]}]}");
    expect(formatCheckedValue(unknownValue)).to.equal("{[unknown]}");
    expect(formatCheckedValue({ p: makeSecret("hidden") })).to.equal("{map[p:{[secret]}]}");
  });
});
