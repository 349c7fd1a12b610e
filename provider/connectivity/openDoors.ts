import { isWide, managementPorts, readSources } from "./access.js";
import type { Findings } from "./findings.js";
import { anyPorts, type NsgSummary } from "./nsg.js";
import { intersect } from "./rangeSet.js";
import type { TagContext } from "./serviceTags.js";
import type { NsgState, Surroundings } from "./surroundings.js";
import type { PublicIpPlan } from "./types.js";
import { type AccessQuestion, askNsg, type NicPosition } from "./verdict.js";

interface Door {
  isOpen: boolean;
  rule?: string;
}

/** Looks for administration ports that the present rules open to everybody. */
export class OpenDoors {
  private readonly doors = new WeakMap<object, Map<NsgSummary | undefined, Door>>();
  private readonly internetQuestions = new Map<TagContext, Map<number, AccessQuestion>>();

  constructor(
    private readonly surroundings: Surroundings,
    private readonly findings: Findings,
  ) {}

  /** RDP or SSH that NSGs let in from the whole Internet, whether anybody wanted it or not. */
  check(position: NicPosition, publicIp: PublicIpPlan): void {
    const nsgs = [position.subnetNsg, position.nicNsg].flatMap((nsg) => nsg ?? []);
    const hasPublicIp = publicIp.state !== "none";
    const isOpenByDefault = hasPublicIp && publicIp.sku?.toLowerCase() === "basic";
    if (nsgs.length === 0 && !isOpenByDefault && position.network.adminRules === undefined) return;
    const { context } = position.subnet.view;
    for (const port of managementPorts) {
      const question = this.internetQuestion(position, port);
      const admin = position.network.adminRules?.decide(
        {
          direction: "Inbound",
          protocol: "Tcp",
          sources: question.sources.set,
          sourcePorts: anyPorts,
          destinations: position.destinations,
          port,
        },
        context,
      );
      if (admin?.alwaysAllowed !== undefined && isWide(admin.alwaysAllowed.sources, context)) {
        this.note(position, publicIp, port, `rule ${admin.alwaysAllowed.rule} of Virtual Network Manager lets`);
        continue;
      }
      // What Virtual Network Manager refuses, no NSG opens again.
      if (admin !== undefined && !isWide(admin.forNsgs, context)) continue;
      const door = this.doorThrough(
        nsgs.map((nsg) => ({ nsg, summary: askNsg(nsg, position, question) })),
        question,
        context,
      );
      if (!door.isOpen) continue;
      const together = `the rules of NSG ${nsgs.map(({ input }) => input.name).join(" and ")} together`;
      const { rule = nsgs.length === 0 ? "the Basic public IP" : together } = door;
      this.note(position, publicIp, port, `${rule} let${rule === together ? "" : "s"}`);
    }
  }

  private note(position: NicPosition, publicIp: PublicIpPlan, port: number, subject: string): void {
    const hasPublicIp = publicIp.state !== "none";
    this.findings.add({
      id: "openToInternet",
      severity: hasPublicIp ? "error" : "warning",
      ...(hasPublicIp ? { machine: position.machine, nic: position.nicId } : {}),
      text: `${subject} the whole Internet in to port ${port}${hasPublicIp ? "" : ` in subnet ${position.subnet.addresses.input.name}, as soon as a machine has a public IP`}`,
      remedy: "limit its source to the ranges of the people who administer the machine",
    });
  }

  /** Whether a row of NSGs lets more than a /8 of the Internet through; the same row is asked for once. */
  private doorThrough(
    row: readonly { nsg: NsgState; summary: NsgSummary }[],
    question: AccessQuestion,
    context: TagContext,
  ): Door {
    const [first, second] = row.map(({ summary }) => summary);
    const known = this.doors.get(first ?? question) ?? new Map<NsgSummary | undefined, Door>();
    this.doors.set(first ?? question, known);
    let door = known.get(second);
    if (door === undefined) {
      const open = row.reduce(
        (left, { summary }) => intersect(left, summary.allowedSources),
        question.sources.set,
      );
      const wide = row.flatMap(({ nsg, summary }) =>
        summary.parts
          .filter((part) => part.access === "Allow" && isWide(part.sources, context))
          .map((part) => `rule ${part.rule} of NSG ${nsg.input.name}`),
      );
      const rule = wide.at(-1);
      door = { isOpen: isWide(open, context), ...(rule === undefined ? {} : { rule }) };
      known.set(second, door);
    }
    return door;
  }

  private internetQuestion(position: NicPosition, port: number): AccessQuestion {
    const { context } = position.subnet.view;
    const perPort = this.internetQuestions.get(context) ?? new Map<number, AccessQuestion>();
    this.internetQuestions.set(context, perPort);
    const known = perPort.get(port);
    if (known !== undefined) return known;
    const sources = readSources(["Internet"], this.surroundings.tags, context, this.surroundings.asgs);
    const question: AccessQuestion = { path: "internet", protocol: "Tcp", port, sources, allowAnySource: false };
    perPort.set(port, question);
    return question;
  }
}
