/** The resources that run a drill and that hold a workload at a stage. */

import type * as pulumi from "@pulumi/pulumi";
import type { ConnectivityPlan } from "../provider/connectivity/types.js";
import type { MachineEvidence, RunEvidence, TaskEvidence } from "../provider/evidence/types.js";
import type { OpenWalk } from "../provider/lifecycle/authorise.js";
import type { Stage } from "../provider/lifecycle/stages.js";
import type { AppliedConnectivity } from "../provider/resources/connectivityApply.js";
import type { ConnectivityCheck } from "../provider/resources/failoverConnectivity.js";
import type { Preview } from "../provider/resources/preview.js";
import type { WaitingFor } from "../provider/resources/waiting.js";
import { withEvidenceDirectory } from "./evidenceDirectory.js";
import type { FailoverArgs, TestFailoverArgs } from "./generated/resourceArgs.js";
import { SiteRecoveryResource } from "./resource.js";

/** Outputs of a drill that are absent where there is nothing to tell. */
const optionalDrillOutputs = [
  "jobName",
  "evidence",
  "seconds",
  "cleanedUp",
  "waitingFor",
  "connectivityPlan",
  "appliedConnectivity",
];

/** Outputs of a failover that are absent where there is nothing to tell. */
const optionalOutputs = [
  "walk",
  "findings",
  "waitingFor",
  "alsoWaitingFor",
  "connectivityPlan",
  "appliedConnectivity",
  "connectivityCheck",
  "evidence",
];

/**
 * A drill: a test failover of a machine or a recovery plan in an isolated network. Creating it runs the drill, deleting
 * it cleans up what the drill made. A change of `triggers` runs it again.
 *
 * @example
 * const drill = new TestFailover("monthly", { targetId: plan.id, testNetworkId, triggers: ["2026-05"] });
 * export const evidence = drill.machines;
 */
export class TestFailover extends SiteRecoveryResource {
  /** running, failed, waitingForCleanup or cleanedUp. */
  declare readonly status: pulumi.Output<string>;
  /** Name of the Site Recovery job of the drill. */
  declare readonly jobName: pulumi.Output<string>;
  /** What the drill proved, machine by machine. */
  declare readonly machines: pulumi.Output<MachineEvidence[]>;
  declare readonly tasks: pulumi.Output<TaskEvidence[]>;
  /** Missed goals, where Azure's answer differed from the plan, and what was missing. */
  declare readonly findings: pulumi.Output<string[]>;
  /** All that the drill proved, as it stands in the history: what `siterecovery report` reads. */
  declare readonly evidence: pulumi.Output<RunEvidence | undefined>;
  /** Length of the job. */
  declare readonly seconds: pulumi.Output<number | undefined>;
  /** `elsewhere` once somebody else cleaned the drill up. */
  declare readonly cleanedUp: pulumi.Output<string | undefined>;
  /** Where Azure waits for a person: what to do, and the name that `completed` must hold afterwards. */
  declare readonly waitingFor: pulumi.Output<WaitingFor | undefined>;
  /** Who can connect to the test machines, and what would have to change. */
  declare readonly connectivityPlan: pulumi.Output<ConnectivityPlan | undefined>;
  /** What `connectivity.apply` added in Azure; taken back at the clean-up. */
  declare readonly appliedConnectivity: pulumi.Output<AppliedConnectivity | undefined>;
  declare readonly preview: pulumi.Output<Preview>;

  constructor(name: string, args: TestFailoverArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "TestFailover",
      name,
      withEvidenceDirectory(args),
      ["status", "machines", "tasks", "findings", ...optionalDrillOutputs, "preview"],
      options,
    );
    this.resolveMissing(this.status, optionalDrillOutputs);
    this.printPreview(this.preview);
  }
}

/**
 * A machine or a recovery plan at a stage. Only a change of `stage` (or of `recoveryPoint` while at `failedOver`) starts
 * anything; deleting the resource forgets it and changes nothing in Azure.
 *
 * @example
 * new Failover("shop", { targetId: plan.id, stage: "protected" });
 */
export class Failover extends SiteRecoveryResource {
  declare readonly stage: pulumi.Output<Stage>;
  /** Where Azure says the machines are; `mixed` where they differ. */
  declare readonly observedStage: pulumi.Output<string>;
  declare readonly observedStages: pulumi.Output<{ name: string; stage: string }[]>;
  /** The words that `stage` may become next, as the machines stand now; none where they are at different stages. */
  declare readonly legalNextStages: pulumi.Output<Stage[]>;
  /** The stage that was last reached by a declaration. */
  declare readonly lastAppliedStage: pulumi.Output<Stage>;
  /** A walk that began and has not ended. */
  declare readonly walk: pulumi.Output<OpenWalk | undefined>;
  /** What went wrong on the way of the last walk although every machine arrived: scripts of a plan, shutdowns. */
  declare readonly findings: pulumi.Output<string[] | undefined>;
  /** Where Azure waits for a person: what to do, and the name that `completed` must hold afterwards. */
  declare readonly waitingFor: pulumi.Output<WaitingFor | undefined>;
  /** The other machines of a plan that wait as well, where its machines move one by one. */
  declare readonly alsoWaitingFor: pulumi.Output<WaitingFor[] | undefined>;
  /** Who can connect the day after, and what would have to change. */
  declare readonly connectivityPlan: pulumi.Output<ConnectivityPlan | undefined>;
  /** What `connectivity.apply` added in Azure; taken back at the failback. */
  declare readonly appliedConnectivity: pulumi.Output<AppliedConnectivity | undefined>;
  /** Who can connect after that, as Azure's IP flow verify answered, machine by machine. */
  declare readonly connectivityCheck: pulumi.Output<ConnectivityCheck[] | undefined>;
  /** What the walks of this turn proved that moved machines, to Azure and back, oldest first. */
  declare readonly evidence: pulumi.Output<RunEvidence[] | undefined>;
  declare readonly preview: pulumi.Output<Preview>;

  constructor(name: string, args: FailoverArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "Failover",
      name,
      withEvidenceDirectory(args),
      ["observedStage", "observedStages", "legalNextStages", "lastAppliedStage", ...optionalOutputs, "preview"],
      options,
    );
    this.resolveMissing(this.observedStages, optionalOutputs);
    this.printPreview(this.preview);
  }
}
