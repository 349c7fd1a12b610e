import type { Estate } from "./schema.js";

/**
 * What exists without an estate file: one subscription `00000000-0000-0000-0000-000000000001` with the resource group
 * `siterecovery-rg` and the Recovery Services vault `siterecovery-vault` in `westeurope`, and nothing in them. Built
 * by hand and not by the schema, so that a start without an estate loads neither.
 */
export function emptyEstate(): Estate {
  return {
    subscriptionId: "00000000-0000-0000-0000-000000000001",
    resourceGroup: "siterecovery-rg",
    location: "westeurope",
    vault: { name: "siterecovery-vault" },
    resourceGroups: [],
    seed: 1,
    clock: {},
    networks: [],
    networkSecurityGroups: [],
    routeTables: [],
    networkManagers: [],
    gateways: [],
    bastions: [],
    storageAccounts: [],
    availabilitySets: [],
    proximityPlacementGroups: [],
    diskEncryptionSets: [],
    appliance: { name: "appliance", version: "9.66.0.0", datastores: ["datastore1"] },
    onPremises: { networks: [] },
    runAsAccounts: [],
    hyperVSites: [],
    vmmServers: [],
    networkMappings: [],
    machines: [],
    policies: [],
    hyperVPolicies: [],
    vmmPolicies: [],
    classicPolicies: [],
    replicatedItems: [],
    recoveryPlans: [],
    scripts: [],
  };
}
