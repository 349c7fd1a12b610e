import { z } from "zod";
import type { ArmResource, World } from "../core.js";
import { ArmError } from "../errors.js";
import { overlaps, type Prefix, parsePrefix } from "../network/addresses.js";
import { referencedId } from "../network/allocation.js";
import { addressSpace } from "../network/topology.js";
import type { Write } from "./operations.js";
import { member, reference, refuseMemberName, refuseTwice, requireReferences } from "./shapes.js";

/** Peerings of virtual networks: members of a network that know whether the other side has one too. */

const type = "Microsoft.Network/virtualNetworks";

export const peeringBody = member(
  z.looseObject({
    remoteVirtualNetwork: reference,
    allowVirtualNetworkAccess: z.boolean().default(true),
    allowForwardedTraffic: z.boolean().default(false),
    allowGatewayTransit: z.boolean().default(false),
    useRemoteGateways: z.boolean().default(false),
  }),
);

type PeeringBody = z.output<typeof peeringBody>;

/** The peerings of a virtual network, as stored. */
export function peeringsOf(network: ArmResource): ArmResource[] {
  const peerings = network.properties.virtualNetworkPeerings;
  return Array.isArray(peerings) ? (peerings as ArmResource[]) : [];
}

/** Checked peerings of a network that is being written. @throws ArmError for a remote network that is absent or overlaps */
export function readPeerings(bodies: PeeringBody[], write: Write, space: Prefix[], world: World): ArmResource[] {
  const peerings = bodies.map((body): ArmResource => {
    refuseMemberName(body.name);
    const before = (write.existing ? peeringsOf(write.existing) : []).find(
      (peering) => peering.name.toLowerCase() === body.name.toLowerCase(),
    );
    const id = before?.id ?? `${write.id}/virtualNetworkPeerings/${body.name}`;
    const remoteId = body.properties.remoteVirtualNetwork.id;
    requireReferences(world, id, remoteId);
    const remote = world.arm.get(remoteId);
    const clash = (remote ? addressSpace(remote) : []).filter((text) => {
      const range = parsePrefix(text);
      return range !== undefined && space.some((own) => overlaps(own, range));
    });
    if (clash.length > 0)
      throw new ArmError(
        400,
        "VnetAddressSpacesOverlap",
        `Cannot create or update peering ${id}. Virtual networks ${write.id} and ${remoteId} cannot be peered because their address spaces overlap. Overlapping address prefixes: ${clash.join(", ")}.`,
      );
    const {
      peeringState: _,
      peeringSyncLevel: _l,
      provisioningState: _p,
      remoteAddressSpace: _a,
      remoteVirtualNetworkAddressSpace: _v,
      ...rest
    } = body.properties;
    return {
      name: before?.name ?? body.name,
      id,
      type: `${type}/virtualNetworkPeerings`,
      properties: {
        provisioningState: "Succeeded",
        // Set by `refreshPeerings` as soon as the network is stored.
        peeringState: before?.properties.peeringState ?? "Initiated",
        peeringSyncLevel: "FullyInSync",
        ...rest,
      },
    };
  });
  refuseTwice(
    peerings.map((peering) => peering.name.toLowerCase()),
    "virtualNetworkPeering",
    write.id,
  );
  refuseTwice(
    peerings.map((peering) => referencedId(peering.properties.remoteVirtualNetwork)?.toLowerCase() ?? ""),
    "peering to the remote virtual network",
    write.id,
  );
  return peerings;
}

/** Both ends of a peering know whether the other exists: `Initiated`, `Connected`, then `Disconnected`. */
export function refreshPeerings(id: string, network: ArmResource | undefined, world: World): void {
  const pointingHere = world.arm
    .referrers(id)
    .filter((other) => other.type === type && other.id.toLowerCase() !== id.toLowerCase());
  for (const other of pointingHere) {
    const isBack = network !== undefined && pointsTo(network, other.id);
    if (setPeeringState(other, id, isBack)) world.arm.put(other);
  }
  if (!network) return;
  let isChanged = false;
  for (const peering of peeringsOf(network)) {
    const remoteId = referencedId(peering.properties.remoteVirtualNetwork) ?? "";
    const remote = world.arm.get(remoteId);
    isChanged = setPeeringState(network, remoteId, remote !== undefined && pointsTo(remote, id)) || isChanged;
  }
  if (isChanged) world.arm.put(network);
}

function pointsTo(network: ArmResource, id: string): boolean {
  return peeringsOf(network).some((peering) =>
    isSameId(referencedId(peering.properties.remoteVirtualNetwork), id),
  );
}

function setPeeringState(network: ArmResource, remoteId: string, isBack: boolean): boolean {
  let isChanged = false;
  for (const peering of peeringsOf(network)) {
    if (!isSameId(referencedId(peering.properties.remoteVirtualNetwork), remoteId)) continue;
    const before = peering.properties.peeringState;
    const after = isBack
      ? "Connected"
      : before === "Connected" || before === "Disconnected"
        ? "Disconnected"
        : "Initiated";
    isChanged ||= before !== after;
    peering.properties.peeringState = after;
  }
  return isChanged;
}

/** What GET answers: with the remote address spaces of now. */
export function renderPeerings(network: ArmResource, world: World) {
  return peeringsOf(network).map((peering) => {
    const remote = world.arm.get(referencedId(peering.properties.remoteVirtualNetwork) ?? "");
    const remoteAddressSpace = { addressPrefixes: remote ? addressSpace(remote) : [] };
    return {
      name: peering.name,
      id: peering.id,
      etag: network.etag,
      properties: {
        ...peering.properties,
        remoteAddressSpace,
        remoteVirtualNetworkAddressSpace: remoteAddressSpace,
      },
      type: peering.type,
    };
  });
}

function isSameId(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
