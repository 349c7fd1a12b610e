/** What the VMM servers report of a replication that an unplanned failover broke. */

import type { Json } from "../../../json.js";
import { hyperVReplicaOf } from "../../itemDetails.js";
import { days, hours, minutes, ticks } from "../../names.js";
import type { ItemState, VaultState } from "../../state.js";
import { isFailedOver, primarySide } from "./sides.js";

/** Recorded: a minute and a half after the failover began. */
const reportedAfter = 1.5 * minutes;
/** Chosen: recorded are 22 minutes after a reverse replication with the old report, and another day without. */
const reportedUntil = hours;
/** Recorded: none for a machine of some hours, one for a machine of a day. */
const neverTestedAfter = days;

interface Report {
  source: string;
  type: string | null;
  level: "Error" | "Warning";
  code: string;
  message: string;
  causes: string;
  action: string;
  at: number;
}

export function healthErrors(vault: VaultState, item: ItemState, now: number): Json[] {
  return reportsOf(vault, item, now).map((report) => ({
    errorSource: report.source,
    errorType: report.type,
    errorLevel: report.level,
    errorCategory: report.type === null ? "Replication" : "TestFailover",
    errorCode: report.code,
    summaryMessage: report.message,
    errorMessage: report.message,
    possibleCauses: report.causes,
    recommendedAction: report.action,
    creationTimeUtc: ticks(report.at),
    recoveryProviderErrorMessage: null,
    entityId: item.internalIdentifier,
    errorId: `${report.code}-${item.internalIdentifier}`,
    customerResolvability: "NotAllowed",
    innerHealthErrors: [],
  }));
}

function reportsOf(vault: VaultState, item: ItemState, now: number): Report[] {
  const { brokenAt } = hyperVReplicaOf(item);
  const reports: Report[] = [];
  if (brokenAt !== null && now >= brokenAt + reportedAfter && (item.protectedAt ?? 0) + reportedUntil > now) {
    reports.push(...broken(vault, item, brokenAt + reportedAfter));
  }
  if (
    item.lastTestFailoverAt === null &&
    item.protectedAt !== null &&
    now - item.protectedAt >= neverTestedAfter
  ) {
    reports.push({
      source: "ReplicationUnitFailoverValidatorError",
      type: "TestFailoverValidator",
      level: "Error",
      code: "161011",
      message: `'${item.friendlyName}' has never been through a test failover.`,
      causes: "No test failover has succeeded since the machine replicates.",
      action: "Run a test failover of the machine.",
      at: item.protectedAt + neverTestedAfter,
    });
  }
  return reports;
}

function broken(vault: VaultState, item: ItemState, at: number): Report[] {
  const { fabric, container } = primarySide(vault, item);
  const where = `'${item.friendlyName}' of ${fabric.friendlyName ?? fabric.name}, cloud ${container.friendlyName ?? container.name},`;
  const report = (code: string, level: Report["level"], message: string, causes: string, action: string) => ({
    ...{ source: "ReplicationUnitProviderErrorOnPrimary", type: null, level, code, message, causes, action, at },
  });
  const finish = report(
    "67506",
    "Warning",
    `The machine ${where} is failed over.`,
    "A failover of the machine has ended.",
    "Finish what is open on the machine.",
  );
  if (!isFailedOver(item)) {
    const message = `The machine ${where} has not replicated for more than ten minutes.`;
    const causes = "The other server cannot be reached, or cannot store what it receives.";
    return [report("67512", "Error", message, causes, "Mend the cause."), finish];
  }
  const message = `The replication of the machine ${where} does not work as expected.`;
  const causes = "Nothing could be sent to the other server, or the replication was paused there.";
  const paused = `The replication of the machine ${where} is paused.`;
  return [
    report("67501", "Error", message, causes, "Mend the cause and synchronise the machine anew."),
    report("67502", "Warning", paused, "The replication was paused on the machine.", "Resume the replication."),
    finish,
  ];
}
