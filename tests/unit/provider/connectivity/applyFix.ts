import type {
  ConnectivityInput,
  ConnectivityPlan,
  NicInput,
  NicSettings,
} from "../../../../provider/connectivity/types.js";

/** The input as it is after somebody did all that the plan's fix says. */
export function applyFix(input: ConnectivityInput, { fix }: ConnectivityPlan): ConnectivityInput {
  const change = (machine: string, nic: NicInput): NicInput => {
    const isThis = (entry: { machine: string; nicId: string }): boolean =>
      entry.machine === machine && entry.nicId === nic.nicId;
    const publicIp = fix.publicIps.find(isThis);
    const made = fix.networkSecurityGroups.find((nsg) => nsg.attachTo.some(isThis));
    const key = input.purpose === "testFailover" ? "test" : "target";
    const settings: NicSettings = {
      ...nic[key],
      ...(publicIp === undefined ? {} : { publicIpId: `new-ip-${machine}-${nic.nicId}` }),
      ...(made === undefined ? {} : { nsgId: made.name }),
    };
    return { ...nic, [key]: settings };
  };
  return {
    ...input,
    machines: input.machines.map((machine) => ({
      ...machine,
      nics: machine.nics.map((nic) => change(machine.name, nic)),
    })),
    nsgs: [
      ...input.nsgs.map((nsg) => ({
        ...nsg,
        rules: [...nsg.rules, ...fix.rules.filter(({ nsgId }) => nsgId.toLowerCase() === nsg.id.toLowerCase())],
      })),
      ...fix.networkSecurityGroups.map(({ name, rules }) => ({ id: name, name, rules })),
    ],
    publicIps: [
      ...input.publicIps,
      ...fix.publicIps.map(({ machine, nicId, sku }) => ({ id: `new-ip-${machine}-${nicId}`, sku })),
    ],
  };
}
