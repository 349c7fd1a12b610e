/** Warnings that an InMageRcm item carries. */

import type { Json } from "../../../json.js";
import { minutes, ticks } from "../../names.js";
import type { ItemState, SourceMachine } from "../../state.js";
import { isOlder } from "./hydration.js";

/** The service looks for items that were never tested some time after they became protected: none in the first quarter of an hour of the recordings. */
const neverTestedAfter = 30 * minutes;
/** Agents before this are out of support with modernised appliances. */
const supportedSince = [9, 50];

interface HealthError {
  errorCode: string;
  category: "TestFailover" | "VersionExpiry";
  summary: string;
  message: string;
  causes: string;
  action: string;
  at: number;
}

export function healthErrors(item: ItemState, machine: SourceMachine | undefined, now: number): Json[] {
  const errors: HealthError[] = [];
  const since = item.protectedAt;
  const isRunningAtSource = item.activeLocation === "Primary" && since !== null;
  if (isRunningAtSource && item.lastTestFailoverAt === null && now - since >= neverTestedAfter) {
    errors.push({
      errorCode: "161011",
      category: "TestFailover",
      summary: "Test failover not performed",
      message: `No test failover has been performed for '${item.friendlyName}'.`,
      causes: "The machine has never been tested since replication was enabled.",
      action: "Run a test failover of the machine in an isolated network.",
      at: since + neverTestedAfter,
    });
  }
  if (machine !== undefined && isRunningAtSource && isOlder(machine.agentVersion, supportedSince)) {
    errors.push({
      errorCode: "MobilityAgentVersionOutdated",
      category: "VersionExpiry",
      summary: "Mobility agent is out of date",
      message: `The Mobility agent ${machine.agentVersion} on '${item.friendlyName}' is older than ${supportedSince.join(".")}.`,
      causes: "The agent was not upgraded with the appliance.",
      action: "Upgrade the Mobility agent on the machine.",
      at: since,
    });
  }
  return errors.map((error) => ({
    errorSource: error.category === "TestFailover" ? "TestFailover" : "Agent",
    errorType: error.category,
    errorLevel: "Warning",
    errorCategory: error.category,
    errorCode: error.errorCode,
    summaryMessage: error.summary,
    errorMessage: error.message,
    possibleCauses: error.causes,
    recommendedAction: error.action,
    creationTimeUtc: ticks(error.at),
    recoveryProviderErrorMessage: "",
    entityId: item.internalIdentifier,
    errorId: `${error.errorCode}-${item.internalIdentifier}`,
    customerResolvability: "NotAllowed",
    innerHealthErrors: [],
  }));
}
