import { expect } from "chai";
import { didYouMean, nearest } from "../../../../provider/resources/nearest.js";

const words = ["vaultName", "resourceGroupName", "subscriptionId", "cloud", "stage"];

describe("nearest", () => {
  it("finds the word that a slip of the fingers, a wrong case or a missing letter made of it", () => {
    for (const [given, meant] of [
      ["vautName", "vaultName"],
      ["VaultName", "vaultName"],
      ["vaultNmae", "vaultName"],
      ["subscriptionID", "subscriptionId"],
      ["ressourceGroupName", "resourceGroupName"],
      ["satge", "stage"],
      ["vault", undefined],
      ["color", undefined],
      ["", undefined],
    ] as const)
      expect(nearest(given, words), given).to.equal(meant);
  });

  it("takes the nearest of several, and is nothing where nothing is allowed", () => {
    expect(nearest("names", ["machine", "name", "namespace"])).to.equal("name");
    expect(nearest("name", [])).to.equal(undefined);
  });

  it("is a question in a message, and no word where nothing is near", () => {
    expect(didYouMean("cluod", words)).to.equal(" (did you mean cloud?)");
    expect(didYouMean("nothing like it", words)).to.equal("");
  });
});
