/** Every resource by its token; a further resource is a further line. */

import { fabric } from "./fabric.js";
import { failover } from "./failover.js";
import type { Handler } from "./handler.js";
import { networkMapping } from "./networkMapping.js";
import { protectionContainerMapping } from "./protectionContainerMapping.js";
import { recoveryPlan } from "./recoveryPlan.js";
import { replicatedItem } from "./replicatedItem.js";
import { replicationPolicy } from "./replicationPolicy.js";
import { testFailover } from "./testFailover.js";

const all = [
  replicationPolicy,
  protectionContainerMapping,
  fabric,
  networkMapping,
  replicatedItem,
  recoveryPlan,
  testFailover,
  failover,
];

export const handlers: ReadonlyMap<string, Handler> = new Map(all.map((handler) => [handler.token, handler]));
