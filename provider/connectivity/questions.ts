import { checkWantedAccess, defaultPort, readSources } from "./access.js";
import type { Findings } from "./findings.js";
import type { TagContext } from "./serviceTags.js";
import type { NetworkState, SubnetState, Surroundings } from "./surroundings.js";
import type { AccessPath, ConnectivityInput, GatewayInput, MachineInput, WantedAccess } from "./types.js";
import { containsUnknown, isUnknown, knownAfterApply } from "./unknown.js";
import type { AccessQuestion } from "./verdict.js";

export interface MachineQuestion {
  question: AccessQuestion;
  nics: "primary" | "all";
}

/** Turns wanted access into the questions that each machine in each subnet raises; asked once, shared by many NICs. */
export class Questions {
  private readonly wanted: (WantedAccess & { names?: ReadonlySet<string> })[];
  private readonly isDefault: boolean;
  private readonly defaults = new Map<NetworkState, WantedAccess[]>();
  private readonly memo = new Map<TagContext, Map<string, AccessQuestion>>();

  constructor(
    private readonly surroundings: Surroundings,
    input: ConnectivityInput,
    private readonly findings: Findings,
  ) {
    const given = input.access ?? [];
    this.isDefault = given.length === 0;
    const problems = checkWantedAccess(given, undefined, isUnknown);
    for (const { property, reason } of problems)
      findings.add({
        id: "wantedAccessInvalid",
        severity: "error",
        text: `${property} ${reason}`,
        remedy: "correct the wanted access; it was left out of this plan",
      });
    this.wanted = given
      .filter((wanted, index) => {
        if (isUnknown(wanted.path)) this.noteUnknownPath(index);
        return (
          !isUnknown(wanted.path) && !problems.some(({ property }) => property.startsWith(`access[${index}].`))
        );
      })
      .map((wanted) =>
        wanted.machines === undefined
          ? wanted
          : { ...wanted, names: new Set(wanted.machines.map((name) => name.toLowerCase())) },
      );
  }

  forMachine(machine: MachineInput, network: NetworkState, subnet: SubnetState): MachineQuestion[] {
    const wantedHere = this.isDefault
      ? this.defaultAccess(network)
      : this.wanted.filter((wanted) => wanted.names?.has(machine.name.toLowerCase()) ?? true);
    return wantedHere.flatMap((wanted, index) => {
      const port = wanted.port ?? (machine.osType === undefined ? undefined : defaultPort(machine.osType));
      if (port === undefined || isUnknown(port)) {
        this.findings.add({
          id: port === undefined ? "osUnknown" : "portUnknown",
          severity: "warning",
          machine: machine.name,
          text:
            port === undefined
              ? "the operating system is not known, so neither RDP nor SSH was checked"
              : `the port of access by ${wanted.path} is ${knownAfterApply}`,
          remedy: "name the port in the wanted access",
        });
        return [];
      }
      const key = `${this.isDefault ? index : this.wanted.indexOf(wanted)}|${port}`;
      const question = this.remember(subnet.view.context, key, () => this.ask(wanted, port, network, subnet));
      return [{ question, nics: wanted.nics ?? "primary" }];
    });
  }

  private remember(context: TagContext, key: string, make: () => AccessQuestion): AccessQuestion {
    let perContext = this.memo.get(context);
    if (perContext === undefined) {
      perContext = new Map();
      this.memo.set(context, perContext);
    }
    let question = perContext.get(key);
    if (question === undefined) {
      question = make();
      perContext.set(key, question);
    }
    return question;
  }

  private ask(wanted: WantedAccess, port: number, network: NetworkState, subnet: SubnetState): AccessQuestion {
    const { path } = wanted;
    const found = this.findSources(wanted, network);
    const sources = readSources(found.texts, this.surroundings.tags, subnet.view.context, this.surroundings.asgs);
    const question: AccessQuestion = {
      path,
      protocol: wanted.protocol ?? "Tcp",
      port,
      sources,
      allowAnySource: wanted.allowAnySource === true,
    };
    if (found.missingPath !== undefined) return { ...question, missingPath: found.missingPath };
    if (found.undecidable !== undefined) return { ...question, undecidable: found.undecidable };
    if (sources.set.length > 0) return question;
    return { ...question, undecidable: `the sources ${sources.texts.join(", ") || "(none)"} hold no address` };
  }

  private findSources(
    wanted: WantedAccess,
    network: NetworkState,
  ): { texts: string[]; missingPath?: string; undecidable?: string } {
    const given = wanted.sources;
    if (containsUnknown(given)) return { texts: [], undecidable: `the sources are ${knownAfterApply}` };
    switch (wanted.path) {
      case "vpn":
      case "expressRoute": {
        const gateways = network.gateways.filter(({ kind }) => kind === undefined || kind === wanted.path);
        const name = wanted.path === "vpn" ? "VPN" : "ExpressRoute";
        if (gateways.length === 0)
          return { texts: given ?? [], missingPath: `no ${name} gateway serves network ${network.input.name}` };
        const declared = gateways.flatMap((gateway) => gateway.onPremisesPrefixes ?? []);
        if (given === undefined && (declared.length === 0 || containsUnknown(declared)))
          return {
            texts: [],
            undecidable: `the on-premises ranges behind ${gateways[0]?.name ?? "the gateway"} are not known here: name them as sources`,
          };
        return { texts: given ?? declared };
      }
      case "bastion": {
        const prefixes = this.surroundings.bastionPrefixes(network);
        if (prefixes.length === 0)
          return {
            texts: given ?? [],
            missingPath: `neither network ${network.input.name} nor a peered one has a subnet AzureBastionSubnet`,
          };
        return { texts: given ?? prefixes };
      }
      case "private":
        return { texts: given ?? network.input.addressSpaces };
      case "internet":
        return { texts: given ?? [] };
    }
  }

  private defaultAccess(network: NetworkState): WantedAccess[] {
    let access = this.defaults.get(network);
    if (access === undefined) {
      const paths = this.defaultPaths(network);
      access = paths.map((path) => ({ path }));
      this.defaults.set(network, access);
    }
    return access;
  }

  private defaultPaths(network: NetworkState): AccessPath[] {
    const kinds: GatewayInput["kind"][] = ["vpn", "expressRoute"];
    const served = kinds.filter((kind) => network.gateways.some((gateway) => (gateway.kind ?? "vpn") === kind));
    if (served.length > 0) return served;
    const hasBastion = this.surroundings.bastionPrefixes(network).length > 0;
    this.findings.add({
      id: "noGateway",
      severity: "info",
      text: `no gateway serves network ${network.input.name}, so nobody reaches it from on-premises; access was checked ${hasBastion ? "from Bastion" : "from inside the network"}`,
      remedy: "nothing to do for an isolated network; else name the wanted access",
    });
    return [hasBastion ? "bastion" : "private"];
  }

  private noteUnknownPath(index: number): void {
    this.findings.add({
      id: "wantedAccessUnknown",
      severity: "info",
      text: `access[${index}].path is ${knownAfterApply}`,
      remedy: "read the plan again after the deployment",
    });
  }
}
