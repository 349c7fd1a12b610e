/** Every rule, in the order of the documentation. */

import type { Rule } from "../rule.js";
import { appConsistentPoints } from "./appConsistentPoints.js";
import { azureRequirements } from "./azureRequirements.js";
import { bootDiagnostics } from "./bootDiagnostics.js";
import { failbackPrepared } from "./failbackPrepared.js";
import { failedOverTooLong } from "./failedOverTooLong.js";
import { hyperVFailbackPossible } from "./hyperVFailbackPossible.js";
import { isolatedTestNetwork } from "./isolatedTestNetwork.js";
import { machineInOneRecoveryPlan } from "./machineInOneRecoveryPlan.js";
import { machineInRecoveryPlan } from "./machineInRecoveryPlan.js";
import { mobilityAgentCurrent } from "./mobilityAgentCurrent.js";
import { noBasicPublicIp } from "./noBasicPublicIp.js";
import { noClassicVMware } from "./noClassicVMware.js";
import { noEarlyCommit } from "./noEarlyCommit.js";
import { noNeedlessPublicIp } from "./noNeedlessPublicIp.js";
import { noOpenManagementPort } from "./noOpenManagementPort.js";
import { noRetainedSubnetOverlap } from "./noRetainedSubnetOverlap.js";
import { plannedFailoverFirst } from "./plannedFailoverFirst.js";
import { recoveryPlanDrilled } from "./recoveryPlanDrilled.js";
import { recoveryPlanSize } from "./recoveryPlanSize.js";
import { recoveryPointRetention } from "./recoveryPointRetention.js";
import { rpoThreshold } from "./rpoThreshold.js";
import { staticAddressUsable } from "./staticAddressUsable.js";
import { wantedAccessWorks } from "./wantedAccessWorks.js";

export const rules: readonly Rule[] = [
  recoveryPlanDrilled,
  rpoThreshold,
  appConsistentPoints,
  recoveryPointRetention,
  machineInRecoveryPlan,
  machineInOneRecoveryPlan,
  recoveryPlanSize,
  isolatedTestNetwork,
  noOpenManagementPort,
  noNeedlessPublicIp,
  noBasicPublicIp,
  wantedAccessWorks,
  staticAddressUsable,
  noRetainedSubnetOverlap,
  bootDiagnostics,
  plannedFailoverFirst,
  noEarlyCommit,
  failedOverTooLong,
  failbackPrepared,
  hyperVFailbackPossible,
  noClassicVMware,
  mobilityAgentCurrent,
  azureRequirements,
];
