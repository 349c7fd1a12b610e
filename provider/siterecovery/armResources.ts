/** What a failover touches outside the vault: networks, NSGs, NICs, virtual machines, route tables. */

export interface IpFlowRequest {
  virtualMachineId: string;
  nicId?: string;
  direction: "Inbound" | "Outbound";
  protocol: "TCP" | "UDP";
  localIpAddress: string;
  localPort: string;
  remoteIpAddress: string;
  remotePort: string;
}

export interface IpFlowResult {
  access: "Allow" | "Deny";
  ruleName: string;
}

export interface EffectiveRoute {
  source: string;
  state: string;
  addressPrefixes: string[];
  nextHopType: string;
  nextHopIpAddresses: string[];
}

export interface ArmResources {
  /** A network, NSG, NIC, virtual machine or route table by its ARM id, as plain ARM JSON; undefined = not there. */
  getResource(id: string): Promise<Record<string, unknown> | undefined>;
  /** ARM resources of one list address (such as a resource group's NICs), all pages. */
  listResources(path: string): Promise<Record<string, unknown>[]>;
  /**
   * Creates or replaces a resource by its ARM id and waits until Azure has done it; for the few that a run makes around
   * machines (security rules, NSGs, public IPs, NICs).
   *
   * @param ifMatch etag as it was read: refused with `Conflict` where somebody changed the resource since
   */
  putResource(id: string, body: Record<string, unknown>, ifMatch?: string): Promise<Record<string, unknown>>;
  /** Deletes a resource by its ARM id and waits; already gone is success. */
  deleteResource(id: string): Promise<void>;
  /** Asks a resource a question by POST, which changes nothing; undefined where Azure does not know it. */
  askResource(path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | undefined>;
  /** Network Watcher's IP flow verify; undefined where the region has no Network Watcher. */
  verifyIpFlow(request: IpFlowRequest): Promise<IpFlowResult | undefined>;
  getEffectiveRoutes(nicId: string): Promise<EffectiveRoute[]>;
}
