/**
 * What a program prepared before a failover: rules that are there already, and public IPs that wait for their machine.
 * They belong to the program, so a run uses them and never deletes them.
 */

import { z } from "zod";
import type { ArmResources } from "../connectivity/index.js";

/** What the description of a prepared rule begins with. */
export const preparedDescription = "pulumi-siterecovery prepared";
/** The tag of a prepared public IP; it holds the name of the machine that it waits for. */
export const preparedTag = "pulumi-siterecovery-prepared";

const groupShape = z.looseObject({
  properties: z.looseObject({ securityRules: z.array(z.unknown()).nullish() }).nullish(),
});
const ruleShape = z.looseObject({
  properties: z.looseObject({ description: z.string().nullish() }).nullish(),
});
const publicIpShape = z.object({
  id: z.string(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({ ipConfiguration: z.object({ id: z.string() }).nullish() }).nullish(),
});

/**
 * The resources as they would be without prepared rules: a plan from which these rules are made must not find them done,
 * or the next run would take them away.
 */
export function withoutPreparedRules(resources: ArmResources): ArmResources {
  const networkSecurityGroups = resources.networkSecurityGroups?.map((raw) => {
    const group = groupShape.safeParse(raw).data;
    if (group?.properties?.securityRules == null) return raw;
    const securityRules = group.properties.securityRules.filter(
      (rule) => ruleShape.safeParse(rule).data?.properties?.description?.startsWith(preparedDescription) !== true,
    );
    return { ...group, properties: { ...group.properties, securityRules } };
  });
  return { ...resources, ...(networkSecurityGroups === undefined ? {} : { networkSecurityGroups }) };
}

export interface PreparedPublicIp {
  id: string;
  /** Id of the address configuration that has it now. */
  configurationId?: string;
}

/** The prepared public IPs of a machine, or of all machines. */
export function preparedPublicIps(resources: ArmResources, machine?: string): PreparedPublicIp[] {
  return (resources.publicIPAddresses ?? []).flatMap((raw): PreparedPublicIp[] => {
    const found = publicIpShape.safeParse(raw).data;
    const owner = found?.tags?.[preparedTag];
    if (found === undefined || owner === undefined) return [];
    if (machine !== undefined && owner.toLowerCase() !== machine.toLowerCase()) return [];
    const configurationId = found.properties?.ipConfiguration?.id;
    return [{ id: found.id, ...(configurationId === undefined ? {} : { configurationId }) }];
  });
}
