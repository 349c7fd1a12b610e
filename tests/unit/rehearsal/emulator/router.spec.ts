import { expect } from "chai";
import type { ArmRequest, Operation } from "../../../../rehearsal/emulator/core.js";
import { pathTemplate, Router } from "../../../../rehearsal/emulator/router.js";

function operation(method: ArmRequest["method"], path: string): Operation {
  return { id: `${method} ${path}`, method, path, handle: () => ({ status: 200 }) };
}

describe("Router", () => {
  const router = new Router([
    operation("GET", "/vaults/{vaultName}/replicationPolicies/{policyName}"),
    operation("PUT", "/vaults/{vaultName}/replicationPolicies/{policyName}"),
    operation("GET", "/vaults/{vaultName}/replicationJobs/{jobName}"),
    operation("POST", "/vaults/{vaultName}/replicationJobs/export"),
    operation("POST", "/vaults/{vaultName}/replicationJobs/{jobName}/cancel"),
    operation("GET", "/vaults/special/{anything}/{policyName}"),
  ]);
  const found = (method: ArmRequest["method"], path: string) => {
    const route = router.find(method, path);
    return route.kind === "operation" ? `${route.operation.id} ${JSON.stringify(route.params)}` : route.kind;
  };

  it("finds paths without case and gives parameters as they were sent, decoded", () => {
    expect(found("GET", "/VAULTS/My%20Vault/REPLICATIONpolicies/Po-1/")).to.equal(
      'GET /vaults/{vaultName}/replicationPolicies/{policyName} {"vaultName":"My Vault","policyName":"Po-1"}',
    );
  });

  it("prefers literal segments, and falls back to parameters where the rest does not fit", () => {
    expect(found("POST", "/vaults/a/replicationJobs/export")).to.contain("/export");
    expect(found("GET", "/vaults/a/replicationJobs/export")).to.contain('"jobName":"export"');
    expect(found("GET", "/vaults/special/replicationPolicies/p")).to.contain("{anything}");
    expect(found("PUT", "/vaults/special/replicationPolicies/p")).to.contain('"vaultName":"special"');
  });

  it("tells a known path with another method from an unknown path", () => {
    expect(router.find("DELETE", "/vaults/a/replicationPolicies/p")).to.deep.equal({
      kind: "unknownMethod",
      template: "/vaults/{vaultName}/replicationPolicies/{policyName}",
    });
    expect(found("GET", "/vaults/a")).to.equal("unknownPath");
    expect(found("GET", "/vaults/%E0%A4%A/replicationPolicies/p")).to.equal("unknownPath");
  });

  it("refuses two operations with one method and path", () => {
    expect(() => new Router([operation("GET", "/a/{x}"), operation("GET", "/A/{y}")])).to.throw("are both GET");
  });
});

describe("pathTemplate", () => {
  it("names what is somebody's name and keeps what belongs to the operation", () => {
    expect(
      pathTemplate(
        "/subscriptions/1/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/replicationFabrics/f/migratetoaad",
      ),
    ).to.equal(
      "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.RecoveryServices/vaults/{name}/replicationFabrics/{name}/migratetoaad",
    );
  });
});
