/** Which kind of resource a Pulumi type is, on either shell and in any version of azure-native's API. */

/** Resources of this package, by their class, and those of azure-native that rules read, by theirs. */
export type Kind =
  | "ReplicationPolicy"
  | "ReplicatedItem"
  | "RecoveryPlan"
  | "TestFailover"
  | "Failover"
  | "NetworkSecurityGroup"
  | "SecurityRule"
  | "PublicIPAddress";

const ownKinds: ReadonlySet<string> = new Set([
  "ReplicationPolicy",
  "ReplicatedItem",
  "RecoveryPlan",
  "TestFailover",
  "Failover",
]);

const networkKinds: ReadonlySet<string> = new Set(["NetworkSecurityGroup", "SecurityRule", "PublicIPAddress"]);

/** `pulumi-nodejs:dynamic/siterecovery:Failover` or `siterecovery:index:Failover`. */
const ownType = /^(?:pulumi-nodejs:dynamic\/siterecovery|siterecovery:index):(\w+)$/;

/**
 * `azure-native:network:SecurityRule`, with an API version as `azure-native:network/v20230901:SecurityRule`, or of a
 * package of one version alone as `azure-native_network_v20230901:network:SecurityRule`.
 */
const azureNativeType = /^azure-native(?:_network_v\w+)?:network(?:\/v\w+)?:(\w+)$/;

/** undefined for types that no rule reads. */
export function kindOf(type: string): Kind | undefined {
  const own = ownType.exec(type)?.[1];
  if (own !== undefined && ownKinds.has(own)) return own as Kind;
  const network = azureNativeType.exec(type)?.[1];
  return network !== undefined && networkKinds.has(network) ? (network as Kind) : undefined;
}

/** Policies of the way back are Azure's own: nobody chooses what is in them. */
const wayBackPolicies: readonly unknown[] = ["InMageRcmFailback", "InMage"];

/** True for the instanceType of a policy that replicates to on-premises. */
export function isWayBack(instanceType: unknown): boolean {
  return wayBackPolicies.includes(instanceType);
}
