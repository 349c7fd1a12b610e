/** The network interfaces that a run made for its machines: which is which, and what hangs on them. */

import { z } from "zod";
import type { ArmResources } from "../connectivity/index.js";
import { Conflict } from "../siterecovery/errors.js";
import { type ReplicatedItem, type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { PlanRequest } from "./connectivity.js";

/** A network interface in Azure and the NIC on-premises that it stands for. */
export interface NetworkCard {
  machine: string;
  nicId: string;
  id: string;
  location: string;
  nsgId?: string;
  publicIpId?: string;
}

const reference = z.object({ id: z.string() }).nullish();
const configurations = z
  .array(
    z.object({
      name: z.string(),
      properties: z.looseObject({
        primary: z.boolean().nullish(),
        privateIPAddress: z.string().nullish(),
        subnet: reference,
        publicIPAddress: reference,
      }),
    }),
  )
  .nullish();
export const cardShape = z.object({
  id: z.string(),
  location: z.string().nullish(),
  etag: z.string().nullish(),
  properties: z.object({
    primary: z.boolean().nullish(),
    virtualMachine: reference,
    networkSecurityGroup: reference,
    ipConfigurations: configurations,
  }),
});
type Card = z.infer<typeof cardShape>;

/**
 * The cards of the machines that a run made. The primary one is the primary NIC; of others Azure does not say which is
 * which: the address that was asked for tells, else the subnet, else the order.
 */
export function findCards(
  resources: ArmResources,
  items: readonly ReplicatedItem[],
  request: Pick<PlanRequest, "purpose"> & { machineIdOf(item: ReplicatedItem): string | undefined },
): NetworkCard[] {
  const all = (resources.networkInterfaces ?? []).flatMap((raw) => cardShape.safeParse(raw).data ?? []);
  return items.flatMap((item) => {
    const machineId = request.machineIdOf(item);
    const left = all.filter(({ properties }) => sameId(properties.virtualMachine?.id, machineId));
    const nics = item.nics
      .filter((nic) => nic.isSelectedForFailover)
      .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
    return nics.flatMap((nic): NetworkCard[] => {
      const isTest = request.purpose === "testFailover";
      const address = isTest ? (nic.testIpAddress ?? nic.targetIpAddress) : nic.targetIpAddress;
      const subnet = isTest ? (nic.testSubnetName ?? nic.targetSubnetName) : nic.targetSubnetName;
      const score = ({ properties }: Card): number => {
        const first = properties.ipConfigurations?.[0]?.properties;
        const subnetName = first?.subnet?.id.split("/").at(-1)?.toLowerCase();
        return (
          (properties.primary === nic.isPrimary ? 4 : 0) +
          (address !== undefined && first?.privateIPAddress === address ? 2 : 0) +
          (subnet !== undefined && subnetName === subnet.toLowerCase() ? 1 : 0)
        );
      };
      const [best] = [...left].sort((a, b) => score(b) - score(a));
      if (best === undefined) return [];
      left.splice(left.indexOf(best), 1);
      const { networkSecurityGroup, ipConfigurations } = best.properties;
      const publicIp = primaryOf(ipConfigurations)?.properties.publicIPAddress;
      return [
        defined({
          machine: item.friendlyName,
          nicId: nic.nicId,
          id: best.id,
          location: best.location ?? "",
          nsgId: networkSecurityGroup?.id,
          publicIpId: publicIp?.id,
        }),
      ];
    });
  });
}

function primaryOf(list: Card["properties"]["ipConfigurations"]) {
  return list?.find(({ properties }) => properties.primary === true) ?? list?.[0];
}

/** What to change on a card: an id to attach it, null to take it off, left out to leave it. */
export interface CardChange {
  nsgId?: string | null;
  publicIpId?: string | null;
}

const tries = 5;

/**
 * Changes one card and nothing else of it: it is read, changed and written under its etag, and read again where somebody
 * wrote it in between. A card that is gone needs nothing.
 */
export async function setOnCard(siteRecovery: SiteRecovery, id: string, change: CardChange): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const raw = await siteRecovery.getResource(id);
    const card = cardShape.safeParse(raw).data;
    if (raw === undefined || card === undefined) return;
    const body = changed(raw, card, change);
    if (body === undefined) return;
    try {
      await siteRecovery.putResource(id, body, card.etag ?? undefined);
      return;
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === tries) throw error;
      await siteRecovery.pause(50 * 2 ** attempt);
    }
  }
}

/** The whole card as it is to be; undefined where it is so already. */
function changed(
  raw: Record<string, unknown>,
  card: Card,
  change: CardChange,
): Record<string, unknown> | undefined {
  const { networkSecurityGroup, ipConfigurations } = card.properties;
  const primary = primaryOf(ipConfigurations);
  const isNsgRight =
    change.nsgId === undefined ||
    (networkSecurityGroup?.id ?? "").toLowerCase() === (change.nsgId ?? "").toLowerCase();
  const present = primary?.properties.publicIPAddress?.id ?? "";
  const isIpRight =
    change.publicIpId === undefined || present.toLowerCase() === (change.publicIpId ?? "").toLowerCase();
  if (isNsgRight && isIpRight) return undefined;
  const properties: Record<string, unknown> = { ...(raw.properties as Record<string, unknown>) };
  if (!isNsgRight) {
    if (change.nsgId === null) delete properties.networkSecurityGroup;
    else properties.networkSecurityGroup = { id: change.nsgId };
  }
  if (!isIpRight) {
    properties.ipConfigurations = ipConfigurations?.map((configuration) => {
      if (configuration !== primary) return configuration;
      const { publicIPAddress: _before, ...rest } = configuration.properties;
      const attached = change.publicIpId === null ? {} : { publicIPAddress: { id: change.publicIpId } };
      return { ...configuration, properties: { ...rest, ...attached } };
    });
  }
  const { id: _id, name: _name, type: _type, etag: _etag, ...rest } = raw;
  return { ...rest, properties };
}
