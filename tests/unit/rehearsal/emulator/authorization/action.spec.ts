import { expect } from "chai";
import { actionOf } from "../../../../../rehearsal/emulator/authorization/action.js";

const group = "/subscriptions/s/resourceGroups/g";
const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/v`;
const item = `${vault}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/i`;
const types =
  "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems";

describe("actionOf", () => {
  for (const [method, path, action, scope] of [
    ["GET", item, `${types}/read`, item],
    ["PUT", item, `${types}/write`, item],
    ["PATCH", item, `${types}/write`, item],
    ["DELETE", item, `${types}/delete`, item],
    ["POST", `${item}/unplannedFailover`, `${types}/unplannedFailover/action`, item],
    ["GET", `${item}/operationresults/1`, `${types}/read`, item],
    ["GET", `${item}/recoveryPoints`, `${types}/recoveryPoints/read`, item],
    [
      "GET",
      `${vault}/replicationProtectedItems`,
      "Microsoft.RecoveryServices/vaults/replicationProtectedItems/read",
      vault,
    ],
    [
      "POST",
      `${vault}/replicationJobs/1/resume`,
      "Microsoft.RecoveryServices/vaults/replicationJobs/resume/action",
      `${vault}/replicationJobs/1`,
    ],
    ["GET", group, "Microsoft.Resources/subscriptions/resourceGroups/read", group],
    [
      "GET",
      "/subscriptions/s/resourceGroups",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "/subscriptions/s",
    ],
    [
      "GET",
      `${group}/providers/Microsoft.Network/virtualNetworks`,
      "Microsoft.Network/virtualNetworks/read",
      group,
    ],
    [
      "PUT",
      `${group}/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r`,
      "Microsoft.Network/networkSecurityGroups/securityRules/write",
      `${group}/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r`,
    ],
  ] as const)
    it(`calls ${method} ${path.replace(group, "...")} ${action.split("/").slice(-2).join("/")}`, () => {
      expect(actionOf(method, path)).to.deep.equal({ action, scope });
    });
});
