import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Observation, observe, scenarioOf } from "../../../../provider/lifecycle/stages.js";

const reference = process.env.SITERECOVERY_REFERENCE_DATA;

interface RecordedItem {
  instanceType: string;
  activeLocation: string;
  allowedOperations: string[];
  protectionState: string;
  testFailoverState: string;
  currentScenario?: { scenarioName: string };
}

/** Every answer of a replicated item in a recording, in order of time. */
function itemsIn(file: string): RecordedItem[] {
  const found: RecordedItem[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const inner of value) visit(inner);
    else if (typeof value === "object" && value !== null) {
      const fields = value as Record<string, unknown>;
      if (Array.isArray(fields.allowedOperations) && typeof fields.protectionState === "string") {
        const details = fields.providerSpecificDetails as { instanceType?: string } | undefined;
        const scenario = fields.currentScenario as { scenarioName?: string } | undefined;
        const name = scenario?.scenarioName ?? "None";
        found.push({
          instanceType: details?.instanceType ?? "",
          activeLocation: String(fields.activeLocation),
          allowedOperations: fields.allowedOperations as string[],
          protectionState: fields.protectionState,
          testFailoverState: String(fields.testFailoverState),
          ...(name === "None" ? {} : { currentScenario: { scenarioName: name } }),
        });
      }
      for (const inner of Object.values(fields)) visit(inner);
    }
  };
  visit(JSON.parse(readFileSync(join(reference ?? "", "recordings", file), "utf8")));
  return found;
}

function word(observation: Observation): string {
  if (observation.kind !== "stage") return observation.kind;
  return `${observation.stage}${observation.isReady ? "" : " (not ready)"}${observation.isDrillPending ? " (drill)" : ""}`;
}

/** The distinct observations of one kind of item, in order. */
function sequence(file: string, kinds: string[]): string[] {
  const words = itemsIn(file)
    .filter((item) => kinds.includes(item.instanceType))
    .map((item) => word(observe(item)));
  return words.filter((entry, index) => entry !== words[index - 1]);
}

describe("observe, over traffic of Azure itself", () => {
  before(function () {
    if (reference) return;
    console.log("skipped: SITERECOVERY_REFERENCE_DATA is not set, so there are no recordings to read");
    this.skip();
  });

  it("sees a modernised VMware machine go through its stages in the order in which Azure took them", () => {
    expect(sequence("vmware-inmagercm.json", ["InMageRcm", "InMageRcmFailback"])).to.deep.equal([
      "protected (not ready)",
      "protected",
      "failedOver",
      "reprotected (not ready)",
      "reprotected",
    ]);
  });

  it("knows every recorded answer of a kind that it drives", () => {
    const files = [
      "vmware-inmagercm.json",
      "hyperv-site-test-failover.json",
      "hyperv-vmm.json",
      "vmware-classic-failover-commit.json",
      "vmware-classic-reprotect.json",
    ];
    const items = files.flatMap(itemsIn).filter((item) => scenarioOf(item.instanceType) !== undefined);
    expect(items.length).to.be.greaterThan(10);
    for (const item of items) expect(observe(item).kind, JSON.stringify(item)).to.not.equal("unknown");
  });

  it("takes the recorded item without an offer and with a job for busy, although it says Protected", () => {
    const busy = itemsIn("hyperv-vmm.json").filter((item) => item.allowedOperations.length === 0);
    expect(busy.length).to.be.greaterThan(0);
    for (const item of busy) expect(observe(item)).to.deep.equal({ kind: "busy" });
  });

  it("knows where every recorded item of VMM to VMM is", () => {
    const items = itemsIn("vmm-to-vmm-failover-failback.json");
    expect(items.length).to.be.greaterThan(0);
    for (const item of items) expect(observe(item).kind, JSON.stringify(item)).to.be.oneOf(["stage", "busy"]);
  });
});
