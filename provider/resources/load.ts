/** Every resource by its token, loaded when it is first asked for: a run loads what its stack holds, and no more. */

import type { Handler } from "./handler.js";

/** A further resource is a further line. */
const loaders: Readonly<Record<string, () => Handler>> = {
  ReplicationPolicy: () =>
    (require("./replicationPolicy.js") as typeof import("./replicationPolicy.js")).replicationPolicy,
  ProtectionContainerMapping: () =>
    (require("./protectionContainerMapping.js") as typeof import("./protectionContainerMapping.js"))
      .protectionContainerMapping,
  Fabric: () => (require("./fabric.js") as typeof import("./fabric.js")).fabric,
  NetworkMapping: () => (require("./networkMapping.js") as typeof import("./networkMapping.js")).networkMapping,
  ReplicatedItem: () => (require("./replicatedItem.js") as typeof import("./replicatedItem.js")).replicatedItem,
  RecoveryPlan: () => (require("./recoveryPlan.js") as typeof import("./recoveryPlan.js")).recoveryPlan,
  TestFailover: () => (require("./testFailover.js") as typeof import("./testFailover.js")).testFailover,
  Failover: () => (require("./failover.js") as typeof import("./failover.js")).failover,
};

/** The tokens of all resources. */
export const tokens: readonly string[] = Object.keys(loaders);

/** The resource of a token; undefined where there is none. */
export function loadHandler(token: string): Handler | undefined {
  return Object.hasOwn(loaders, token) ? loaders[token]?.() : undefined;
}
