/** The outputs of a `Failover`: where Azure says the machines are, and what a walk has reached. */

import { lastFailover, type OpenWalk } from "../lifecycle/authorise.js";
import { legalNextStages } from "../lifecycle/path.js";
import { observe, type Stage, scenarioOf } from "../lifecycle/stages.js";
import { defined } from "./compare.js";
import { connectivityOutputs } from "./failoverConnectivity.js";
import type { Properties } from "./handler.js";
import { digestOf, type Preview } from "./preview.js";
import type { LoadedTarget } from "./target.js";

/** What an update has come to; what is left out stays as the state has it. */
export interface Reached {
  items?: string[];
  applied?: Stage;
  walk?: OpenWalk;
  drift?: string[];
  lastFailover?: string;
  /** What went wrong on the way, of a walk that has ended or that stopped for it. */
  findings?: string[];
  /** The outputs of a wait for a person. */
  waiting?: Properties;
}

/** Where the machines are now: what a refresh writes. */
export function observed(loaded: LoadedTarget): Properties {
  const found = loaded.items.map((item) => {
    const observation = observe(item);
    return { name: item.friendlyName, stage: observation.kind === "stage" ? observation.stage : observation.kind };
  });
  const distinct = [...new Set(found.map((item) => item.stage))];
  const [stage = "mixed", ...others] = distinct;
  const observedStage = others.length > 0 ? "mixed" : stage;
  return {
    observedStage,
    observedStages: found,
    legalNextStages: legalNextStages(scenarioOf(loaded.items[0]?.instanceType ?? ""), observedStage),
  };
}

export function outputsOf(
  loaded: LoadedTarget,
  news: Properties,
  prior: Properties | undefined,
  reached: Reached,
): Properties {
  const checked = news.preview as Preview | undefined;
  const isProtected = loaded.items.every((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && observation.stage === "protected";
  });
  // At `protected` the next preview shows the day after again; elsewhere the announced steps are done.
  const lines = isProtected && !reached.walk && !checked?.walk ? (checked?.lines ?? []) : [];
  return {
    ...news,
    ...observed(loaded),
    ...Object.fromEntries(
      connectivityOutputs.flatMap((key) => (prior && key in prior ? [[key, prior[key]]] : [])),
    ),
    ...reached.waiting,
    ...defined({
      preview: { lines, drift: reached.drift ?? [] },
      previewDigest: digestOf(news),
      lastAppliedStage: reached.applied ?? prior?.lastAppliedStage ?? startingStage(reached, news),
      appliedRecoveryPoint: reached.applied
        ? news.recoveryPoint
        : (prior?.appliedRecoveryPoint ?? news.recoveryPoint),
      items: reached.items ?? prior?.items ?? loaded.items.map((item) => item.id),
      walk: reached.walk,
      findings: reached.findings ?? (reached.walk ? undefined : prior?.findings),
      // A reprotect takes the time from the machine: what was once seen stays.
      lastFailover: lastFailover([
        { lastFailoverTime: reached.lastFailover },
        { lastFailoverTime: prior?.lastFailover as string | undefined },
        ...loaded.items.map((item) => ({ lastFailoverTime: item.lastSuccessfulFailoverTime })),
      ]),
    }),
  };
}

/** A create whose walk failed on its way has applied nothing but where it began. */
function startingStage(reached: Reached, news: Properties): Stage {
  return reached.walk?.from ?? (news.stage as Stage);
}
