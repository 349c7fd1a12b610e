/** `getReadiness`: what stands in the way of a failover, machine by machine. */

import { z } from "zod";
import { guestChecklist } from "../connectivity/checklist.js";
import {
  bootDrivers,
  checkMachine,
  checkVault,
  extraTimeReasons,
  type MachineFacts,
  type ReadinessSeverity,
} from "../lifecycle/readiness.js";
import type { CheckFailure } from "../resources/handler.js";
import { parseTarget } from "../resources/ids.js";
import { type GuestFacts, machineFacts } from "../resources/machineFacts.js";
import { vaultFields, vaultOf, wholeNumber, withVault } from "../resources/schema.js";
import { loadTarget } from "../resources/target.js";
import { show, validate } from "../resources/validate.js";
import type { FunctionHandler } from "./function.js";
import { hyperVFacts } from "./hyperVFacts.js";

export const getReadinessSchema = z.strictObject({
  ...vaultFields,
  /** ARM id of a replicated item or a recovery plan of the vault. Default: all machines of the vault. */
  targetId: z.string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" }).optional(),
  /** How old the last test failover may be: days, 1-3650, default 90. */
  testFailoverMaxAgeDays: wholeNumber(1, 3650, "days").default(90),
  /** What Azure does not tell of guests, by the machine's name. */
  machines: z
    .record(
      z.string(),
      z.strictObject({
        /** Drivers that do not start at boot, out of storvsc, vmbus, storflt, intelide, atapi; empty = all do. */
        missingBootDrivers: z
          .array(
            z
              .string({ error: "allowed: names of drivers" })
              .refine((name) => (bootDrivers as readonly string[]).includes(name), {
                error: `allowed: ${bootDrivers.join(", ")}`,
              }),
          )
          .optional(),
        /** Whether the guest's DHCP service is disabled, also where its address is static. */
        isDhcpDisabled: z.boolean({ error: "allowed: true, false" }).optional(),
      }),
    )
    .optional(),
});

/** A check that is not passed. */
export interface ReadinessFinding {
  /** Stable name of the check, such as `osDiskSize`. */
  id: string;
  /** error: a failover would fail or is not possible; warning: it may; info: worth knowing. */
  severity: ReadinessSeverity;
  /** Name of the machine; left out where it is about the vault. */
  machine?: string;
  /** What is so. */
  text: string;
  /** What to do about it. */
  remedy: string;
}

/** A machine whose failover may take 8 to 10 minutes more. */
export interface SlowFailover {
  /** Name of the machine. */
  machine: string;
  /** Why. */
  reasons: string[];
}

/** The answer of `getReadiness`. */
export interface GetReadinessResult {
  /** False where a check of severity error is not passed. */
  isReady: boolean;
  /** The worst first. */
  checks: ReadinessFinding[];
  /** Machines whose failover takes longer. */
  slowFailovers: SlowFailover[];
}

const order: readonly ReadinessSeverity[] = ["error", "warning", "info"];

/** Checks whether machines can fail over, from what Azure holds now; changes nothing. */
export const getReadiness: FunctionHandler = {
  token: "getReadiness",
  schema: getReadinessSchema,

  async call(context, args) {
    const failures: CheckFailure[] = [];
    const validated = validate(getReadinessSchema, args);
    failures.push(...validated.failures);
    const filled = withVault(context, validated.inputs, failures);
    const { targetId } = filled;
    if (typeof targetId === "string" && parseTarget(targetId) === undefined) {
      failures.push({
        property: "targetId",
        reason: `value ${show(targetId)} is not allowed; allowed: the ARM id of a replicated item or of a recovery plan`,
      });
    }
    if (failures.length > 0) return { failures };
    const items =
      typeof targetId === "string"
        ? (await loadTarget(context, targetId, { isFresh: false })).items
        : await context.connect(vaultOf(filled)).listItems();
    const guests = (filled.machines ?? {}) as Record<string, GuestFacts>;
    const strangers = Object.keys(guests).filter(
      (name) => !items.some((item) => [item.name, item.friendlyName].some((own) => sameName(own, name))),
    );
    if (strangers.length > 0) {
      return {
        failures: strangers.map((name) => ({
          property: `machines[${show(name)}]`,
          reason: `names no machine here; allowed: ${items.map((item) => item.name).join(", ")}`,
        })),
      };
    }
    const vault =
      typeof targetId === "string" ? (parseTarget(targetId)?.vault ?? vaultOf(filled)) : vaultOf(filled);
    const told = await hyperVFacts(context.connect(vault), vault, items);
    const machines = items.flatMap((item) => {
      const guest = Object.entries(guests).find(
        ([name]) => sameName(item.name, name) || sameName(item.friendlyName, name),
      );
      return machineFacts(item, guest?.[1], told.get((item.protectableItemId ?? "").toLowerCase())) ?? [];
    });
    const notBefore = new Date(Date.now() - Number(filled.testFailoverMaxAgeDays) * 86_400_000).toISOString();
    const checks: ReadinessFinding[] = [
      ...machines.flatMap((machine) => [...checkMachine(machine, notBefore), ...guestChecks(machine)]),
      ...checkVault(machines),
    ].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
    const result: GetReadinessResult = {
      isReady: machines.length > 0 && !checks.some((check) => check.severity === "error"),
      checks,
      slowFailovers: machines.flatMap((machine) => {
        const reasons = extraTimeReasons(machine);
        return reasons.length > 0 ? [{ machine: machine.name, reasons }] : [];
      }),
    };
    return { result: { ...result }, failures };
  },
};

/** What only a look into the guest can tell. */
function guestChecks({ name: machine, osType, scenario }: MachineFacts): ReadinessFinding[] {
  if (osType !== "Windows" && osType !== "Linux") return [];
  const requirement = osType === "Windows" ? "64-bit, and no disk is locked by BitLocker" : "64-bit";
  const info = { severity: "info" as const, machine, remedy: "check it in the guest, before a failover" };
  const ofAzure = {
    ...info,
    id: "guest.azureRequirements",
    text: `Azure makes no machine unless the system is ${requirement}`,
  };
  return [
    ...(scenario === "vmmToVmm" ? [] : [ofAzure]),
    ...guestChecklist(osType, ["vpn"])
      .filter((entry) => entry.when === "beforeFailover")
      .map((entry) => ({
        ...info,
        id: `guest.${entry.id}`,
        text: `to be able to connect afterwards: ${entry.text}`,
      })),
  ];
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
