import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readArguments } from "../../../cli/emulator.js";
import { type EmulatorOptions, readRoles, startEmulator } from "../../../rehearsal/emulator/index.js";
import {
  drill,
  estate,
  failover,
  type SiteRecovery,
  siteRecoveryOf,
} from "../siterecovery/describeSiteRecovery.js";

async function withRoles(
  roles: EmulatorOptions["roles"],
  work: (site: SiteRecovery) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({
    estate: estate(),
    frozen: true,
    ...(roles === undefined ? {} : { roles }),
  });
  try {
    await work(siteRecoveryOf(emulator));
  } finally {
    await emulator.stop();
  }
}

const items = (site: SiteRecovery) => `${site.container}/replicationProtectedItems`;
const policy = {
  properties: { providerSpecificInput: { instanceType: "InMageRcm", recoveryPointHistoryInMinutes: 60 } },
};
const nsg = { location: "westeurope", properties: { securityRules: [] } };

/** What each set of roles may do: the statuses of the same calls. */
const calls: [string, (site: SiteRecovery) => Promise<{ status: number }>][] = [
  ["list items of the vault", (site) => site.send("GET", "/replicationProtectedItems")],
  ["list items of the container", (site) => site.send("GET", items(site))],
  ["read networks", (site) => site.send("GET", site.network("prod"))],
  [
    "start a drill",
    (site) => site.send("POST", `${items(site)}/app01/testFailover`, drill(site.network("drill"))),
  ],
  ["fail over", (site) => site.send("POST", `${items(site)}/web01/unplannedFailover`, failover())],
  ["write a policy", (site) => site.send("PUT", "/replicationPolicies/new", policy)],
  [
    "write a security group",
    (site) => site.send("PUT", `${site.group}/providers/Microsoft.Network/networkSecurityGroups/n`, nsg),
  ],
];

describe("an emulator with roles", () => {
  for (const [roles, allowed] of [
    [["Reader"], ["list items of the vault", "list items of the container", "read networks"]],
    [["Site Recovery Reader"], ["list items of the container"]],
    [["Site Recovery Operator"], ["list items of the container", "read networks", "start a drill", "fail over"]],
    [
      ["site recovery operator", "Reader"],
      ["list items of the vault", "list items of the container", "read networks", "start a drill", "fail over"],
    ],
    [
      ["Site Recovery Contributor"],
      ["list items of the container", "read networks", "start a drill", "fail over", "write a policy"],
    ],
    [["Network Contributor"], ["read networks", "write a security group"]],
    [["Contributor"], calls.map(([name]) => name)],
  ] as const)
    it(`lets ${roles.join(" and ")} ${allowed.length === calls.length ? "do all" : allowed.join(", ")}`, () =>
      withRoles([...roles], async (site) => {
        for (const [name, call] of calls) {
          const { status } = await call(site);
          expect(status === 403, `${name}: ${status}`).to.equal(!(allowed as readonly string[]).includes(name));
        }
      }));

  it("refuses in Azure's words, naming action and scope, and changes nothing", () =>
    withRoles(["Reader"], async (site) => {
      const { status, body } = await site.send("POST", `${items(site)}/web01/unplannedFailover`, failover());
      expect([status, body.error.code]).to.deep.equal([403, "AuthorizationFailed"]);
      expect(body.error.message).to.match(
        /^The client '([0-9a-f-]{36})' with object id '\1' does not have authorization to perform action 'Microsoft\.RecoveryServices\/vaults\/replicationFabrics\/replicationProtectionContainers\/replicationProtectedItems\/unplannedFailover\/action' over scope '\/subscriptions\/.*\/replicationProtectedItems\/web01' or the scope is invalid\. If access was recently granted, please refresh your credentials\.$/,
      );
      expect((await site.send("GET", "/replicationJobs")).body.value).to.deep.equal([]);
    }));

  it("lets whoever may start a failover see how it goes, and not call it off on the way back", () =>
    withRoles(["Site Recovery Operator"], async (site) => {
      const { status } = await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
      expect(status).to.equal("Succeeded");
      const cancel = await site.send("POST", `${items(site)}/web01/failoverCancel`);
      expect(cancel.body.error.message).to.contain("failoverCancel/action");
    }));

  it("takes other roles while it runs, and none again", () =>
    withRoles(undefined, async (site) => {
      const write = () => site.send("PUT", "/replicationPolicies/new", policy);
      expect((await site.admin("GET", "roles")).body).to.deep.equal({ value: null });
      expect((await write()).status).to.equal(202);
      await site.admin("PUT", "roles", { value: ["Reader"] });
      expect((await write()).status).to.equal(403);
      const wrong = await site.admin("PUT", "roles", { value: ["Writer", {}] });
      expect([wrong.status, wrong.body.error.message]).to.satisfy(([code, text]: [number, string]) => {
        return (
          code === 400 && text.includes('"Writer" is no built-in role') && text.includes("1 is no role definition")
        );
      });
      expect((await write()).status).to.equal(403);
      await site.admin("DELETE", "roles");
      expect((await write()).status).to.equal(202);
    }));
});

describe("--roles", () => {
  it("takes names, or a file of definitions as Azure's own client prints them", () => {
    const file = join(mkdtempSync(join(tmpdir(), "roles-")), "roles.json");
    const custom = {
      roleName: "Drill only",
      permissions: [{ actions: ["*/read", "*/testFailover/action"], notActions: ["Microsoft.Compute/*"] }],
    };
    writeFileSync(file, JSON.stringify([custom, "Network Contributor"]));
    expect(readRoles(file).map(({ roleName }) => roleName)).to.deep.equal(["Drill only", "Network Contributor"]);
    const read = readArguments(["--roles", "Site Recovery Operator, Reader"]);
    expect(read).to.have.property("roles").with.length(2);
  });

  it("is refused with the allowed names where it is neither", () => {
    expect(() => readArguments(["--roles", "Reader,Admin"]))
      .to.throw('"Admin" is no built-in role that the emulator knows')
      .with.property("message")
      .that.contains("Site Recovery Operator");
  });
});
