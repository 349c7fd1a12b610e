import { expect } from "chai";
import { describeErrors } from "../../../../provider/resources/start.js";
import type { Job } from "../../../../provider/siterecovery/siteRecovery.js";

function failed(errors: Job["errors"]): Job {
  return {
    id: "/jobs/j",
    name: "j",
    scenarioName: "UnplannedFailover",
    state: "Failed",
    allowedActions: [],
    tasks: [],
    errors,
    protectedItems: [],
  };
}

describe("describeErrors", () => {
  it("tells a reason that many machines of a plan share once, with how often, and others beside it", () => {
    const common = { code: "SkuNotAvailable", message: "no capacity", recommendedAction: "Choose another size." };
    const text = describeErrors(
      failed([
        ...Array.from({ length: 100 }, () => common),
        { code: "Other", message: "no network", taskName: "Boot", possibleCauses: "It was deleted." },
      ]),
    );
    expect(text).to.equal(
      " no capacity (SkuNotAvailable). Recommended: Choose another size. (100 times.) Task Boot: no network (Other). Possible causes: It was deleted.",
    );
  });
});
