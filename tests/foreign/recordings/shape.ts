/** Compares an answer with a recorded one by shape: names, types, words of closed lists; values are each side's own. */

/** Words that mean something: they must be the recorded ones. Everything else that is text may differ. */
const meaningful = new Set([
  "activeLocation",
  "agentUpgradeState",
  "bcdrState",
  "connectionStatus",
  "discoveryType",
  "fabricType",
  "failoverDeploymentModel",
  "failoverHealth",
  "firmwareType",
  "groupType",
  "health",
  "initialReplicationProgressHealth",
  "instanceType",
  "isInitialReplicationComplete",
  "isOSDisk",
  "isPrimaryNic",
  "isSelectedForFailover",
  "licenseType",
  "osType",
  "pairingStatus",
  "primaryFabricProvider",
  "progressHealth",
  "protectionState",
  "protectionStateDescription",
  "recoveryFabricFriendlyName",
  "recoveryFabricId",
  "replicationHealth",
  "resyncState",
  "role",
  "scenarioName",
  "sourceIPAddressType",
  "state",
  "status",
  "switchProviderState",
  "targetGeneration",
  "targetIPAddressType",
  "testFailoverState",
  "testFailoverStateDescription",
  "type",
]);

/** Lists of words, compared as they are. */
const meaningfulLists = new Set(["allowedOperations", "allowedScenarios", "replicationProviders"]);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** Every difference as `path: what`; empty = same shape. */
export function shapeDifferences(recorded: unknown, answered: unknown, path = "$"): string[] {
  const [wanted, given] = [typeOf(recorded), typeOf(answered)];
  if (wanted !== given) return [`${path}: recorded ${wanted}, answered ${given}`];
  if (Array.isArray(recorded) && Array.isArray(answered)) return listDifferences(recorded, answered, path);
  if (isObject(recorded) && isObject(answered)) return objectDifferences(recorded, answered, path);
  const name =
    path
      .replace(/\[\d+\]$/, "")
      .split(".")
      .at(-1) ?? "";
  if (meaningful.has(name) && recorded !== answered) {
    return [`${path}: recorded ${JSON.stringify(recorded)}, answered ${JSON.stringify(answered)}`];
  }
  if (
    typeof recorded === "string" &&
    typeof answered === "string" &&
    time.test(recorded) !== time.test(answered)
  ) {
    return [
      `${path}: recorded ${JSON.stringify(recorded)}, answered ${JSON.stringify(answered)}: one of them is no time`,
    ];
  }
  return [];
}

function objectDifferences(
  recorded: Record<string, unknown>,
  answered: Record<string, unknown>,
  path: string,
): string[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(answered)]);
  return [...names].flatMap((name) => {
    const at = `${path}.${name}`;
    if (!(name in answered)) return [`${at}: recorded, not answered`];
    if (!(name in recorded)) return [`${at}: answered, not recorded`];
    return shapeDifferences(recorded[name], answered[name], at);
  });
}

function listDifferences(recorded: unknown[], answered: unknown[], path: string): string[] {
  const name = path.split(".").at(-1) ?? "";
  if (meaningfulLists.has(name)) {
    const [wanted, given] = [JSON.stringify(recorded), JSON.stringify(answered)];
    return wanted === given ? [] : [`${path}: recorded ${wanted}, answered ${given}`];
  }
  if ((recorded.length === 0) !== (answered.length === 0)) {
    return [`${path}: recorded ${recorded.length} entries, answered ${answered.length}`];
  }
  // Entries of a list have one shape: the first recorded one stands for all.
  return answered.flatMap((entry, index) =>
    shapeDifferences(recorded[Math.min(index, recorded.length - 1)], entry, `${path}[${index}]`),
  );
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
