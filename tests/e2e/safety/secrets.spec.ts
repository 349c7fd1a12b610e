import { expect } from "chai";
import { drillProgram } from "../drill/estate.js";
import { describeProduct } from "../drill/product.js";

const environment = {
  ARM_CLIENT_ID: "11111111-aaaa-4bbb-8ccc-000000000001",
  ARM_TENANT_ID: "11111111-aaaa-4bbb-8ccc-000000000002",
  ARM_CLIENT_SECRET: "canary-client-secret-7f3a",
  ARM_CLIENT_CERTIFICATE_PASSWORD: "canary-certificate-password-81bc",
  ARM_OIDC_TOKEN: "canary-oidc-token-2e9d",
};
const configured = "canary-of-the-configuration-5d1e";
const canaries = [
  environment.ARM_CLIENT_SECRET,
  environment.ARM_CLIENT_CERTIFICATE_PASSWORD,
  environment.ARM_OIDC_TOKEN,
  configured,
];

describeProduct("secrets", (start) => {
  it("are in clear neither in the state, nor in what is printed, nor in a request", async () => {
    const product = await start({ secrets: { "shop:code": configured } });
    product.program({
      ...drillProgram({ triggers: ["first", { $secret: "code" }] }),
      outputs: { status: { $ref: "drill.status" }, triggers: { $ref: "drill.triggers" } },
    });
    let printed = "";
    for (const command of ["preview", "up", "refresh"] as const)
      printed += (await product.succeed(command, { environment })).output;
    product.program(drillProgram({ triggers: ["second", { $secret: "code" }] }));
    printed += (await product.succeed("preview", { environment, words: ["--diff"] })).output;
    const state = product.engine.state().text;
    await product.addFaults([{ kind: "failTask", taskName: "VmTfoDeleteTestVm" }]);
    printed += (await product.fail("destroy", { environment })).output;
    const requests = product.emulator
      .log()
      .map((entry) => JSON.stringify(entry))
      .join("\n");
    expect(requests).to.contain("testFailover");
    expect(state).to.contain("testNetworkId");
    for (const canary of canaries) {
      expect(state, "the state").to.not.contain(canary);
      expect(printed, "what is printed").to.not.contain(canary);
      expect(requests, "the requests").to.not.contain(canary);
    }
  });
});
