import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { getReadinessOutput, getReplicatedItemsOutput, RecoveryPlan } from "../../../sdk/index.js";
import { itemIdOf } from "../provider/resources/fakeEstate.js";

describe("functions of outputs", () => {
  let asked: { token: string; inputs: Record<string, unknown> }[];
  /** What exists has an id in a preview, what is new has none. */
  const mocks = (isPreview: boolean) =>
    pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => ({
          id: isPreview && name === "new" ? undefined : `${name}-id`,
          state: { ...inputs, recoveryPlanId: `/plans/${name}` },
        }),
        call: ({ token, inputs }) => {
          asked.push({ token, inputs });
          return { isReady: true, items: [{ name: "app01" }] };
        },
      },
      "shop",
      "dev",
      isPreview,
    );
  const plan = (name: string) =>
    new RecoveryPlan(name, {
      name,
      fabricName: "shop",
      bootGroups: [{ replicatedItemIds: [itemIdOf("app01")] }],
    });
  async function told(output: pulumi.Output<unknown>): Promise<[boolean, unknown]> {
    const { isKnown, promise } = output as unknown as { isKnown: Promise<boolean>; promise(): Promise<unknown> };
    return [await isKnown, await promise.call(output)];
  }

  beforeEach(() => {
    asked = [];
    pulumi.runtime.setAllConfig({ "siterecovery:shell": "plugin" });
  });
  after(async () => {
    pulumi.runtime.setAllConfig({});
    await mocks(false);
  });

  it("ask with the values of their arguments once those exist, in a preview too", async () => {
    for (const isPreview of [true, false]) {
      await mocks(isPreview);
      const { isReady } = getReadinessOutput({ targetId: plan("there").recoveryPlanId });
      expect(await told(isReady)).to.deep.equal([true, true]);
    }
    const call = { token: "siterecovery:index:getReadiness", inputs: { targetId: "/plans/there" } };
    expect(asked).to.deep.equal([call, call]);
  });

  it("ask nothing of what a preview would make, although its ARM id is known already", async () => {
    await mocks(true);
    const made = plan("new");
    expect((await told(made.recoveryPlanId))[1]).to.equal("/plans/new");
    expect((await told(getReadinessOutput({ targetId: made.recoveryPlanId })))[0]).to.equal(false);
    expect((await told(getReplicatedItemsOutput({}, { dependsOn: [made] })))[0]).to.equal(false);
    expect((await told(getReplicatedItemsOutput({}, { dependsOn: made })))[0]).to.equal(false);
    expect(asked).to.deep.equal([]);
  });

  it("keep a secret argument's answer secret", async () => {
    await mocks(false);
    const answer = getReplicatedItemsOutput({ fabricName: pulumi.secret("hidden") });
    expect(await pulumi.isSecret(answer)).to.equal(true);
    expect((await told(answer))[1]).to.deep.equal([{ name: "app01" }]);
  });
});
