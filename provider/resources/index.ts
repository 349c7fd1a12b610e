/** Every resource by its token; a further resource is a further line. */

import { failover } from "./failover.js";
import type { Handler } from "./handler.js";
import { protectionContainerMapping } from "./protectionContainerMapping.js";
import { recoveryPlan } from "./recoveryPlan.js";
import { replicatedItem } from "./replicatedItem.js";
import { replicationPolicy } from "./replicationPolicy.js";
import { testFailover } from "./testFailover.js";

const all = [replicationPolicy, protectionContainerMapping, replicatedItem, recoveryPlan, testFailover, failover];

export const handlers: ReadonlyMap<string, Handler> = new Map(all.map((handler) => [handler.token, handler]));
