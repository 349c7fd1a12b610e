/**
 * Whether a declaration may start anything.
 *
 * Only a changed word starts a walk: a change of `stage` against the stage that was last applied (or, on a create, a
 * `startFrom` line that names the stage and the time of the last failover and so cannot act twice). What Azure shows
 * otherwise is drift: it is named and left alone.
 */

import { legalStages, path, type Step, stretch } from "./path.js";
import { meaningOf, type Scenario, type Stage } from "./stages.js";

/** A walk that began and has not ended, as kept in the outputs. */
export interface OpenWalk {
  from: Stage;
  to: Stage;
  /** ARM ids of the items recorded when it began: only these move. */
  items: string[];
  /** The last failover of any of them when it began, ISO 8601, or `never`: a walk is not resumed a turn later. */
  since: string;
}

export interface ItemAtStage {
  id: string;
  name: string;
  stage: Stage;
  /** ISO 8601; undefined = never failed over. */
  lastFailoverTime?: string | undefined;
}

export interface Declaration {
  scenario: Scenario;
  stage: Stage;
  through: boolean;
  startFrom?: string | undefined;
  /** From the outputs; undefined on a create. */
  lastAppliedStage?: Stage | undefined;
  walk?: OpenWalk | undefined;
  /** From the outputs: the last failover of any of the items when they were last looked at, or `never`. */
  lastFailover?: string | undefined;
  /** On a create: the stages of a walk of ours that a killed run began, found by the mark on its job. */
  ownUnfinishedWalk?: { from: Stage; since: string } | undefined;
  /** Every item of the target, in boot order. */
  items: readonly ItemAtStage[];
  /** Ids of the items that earlier walks moved; a plan's later members are not among them. */
  managedItems?: readonly string[] | undefined;
}

export type Decision =
  /** Everything is where it was declared. */
  | { kind: "nothing"; items: string[] }
  /** Something is elsewhere, and nobody changed a word: nothing starts. */
  | { kind: "drift"; items: string[]; lines: string[] }
  | { kind: "walk"; walk: OpenWalk; steps: Step[] }
  | { kind: "refused"; lines: string[] };

/** `<stage>@<time>` as `startFrom` wants it: the observed stage and the last failover of any of the items. */
export function startFromLine(items: readonly ItemAtStage[]): string | undefined {
  const [first] = items;
  if (!first || items.some((item) => item.stage !== first.stage)) return undefined;
  return `${first.stage}@${lastFailover(items)}`;
}

/** The latest of the items' failovers, or `never`. */
export function lastFailover(items: readonly Pick<ItemAtStage, "lastFailoverTime">[]): string {
  const times = items.flatMap(({ lastFailoverTime: time }) => (time && time !== "never" ? [time] : []));
  return times.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? "never";
}

export function authorise(declaration: Declaration): Decision {
  const { stage, lastAppliedStage, walk } = declaration;
  if (walk && walk.to === stage)
    return alongStretch(declaration, walk.from, select(declaration.items, walk.items), walk);
  if (lastAppliedStage === undefined) return onCreate(declaration);
  const managed =
    lastAppliedStage === "protected" || !declaration.managedItems
      ? declaration.items
      : select(declaration.items, declaration.managedItems);
  // A walk that was given up by declaring another stage: what it reached is where the next one starts.
  const from = walk ? walk.from : lastAppliedStage;
  if (from === stage) {
    const elsewhere = managed.filter((item) => item.stage !== stage);
    if (elsewhere.length === 0) return { kind: "nothing", items: ids(managed) };
    return {
      kind: "drift",
      items: ids(managed),
      lines: driftLines(declaration, elsewhere, managed),
    };
  }
  return alongStretch(declaration, from, managed);
}

function onCreate(declaration: Declaration): Decision {
  const { items, stage, scenario, through, startFrom, ownUnfinishedWalk } = declaration;
  if (items.every((item) => item.stage === stage)) return { kind: "nothing", items: ids(items) };
  if (ownUnfinishedWalk) {
    const { from, since } = ownUnfinishedWalk;
    return alongStretch(declaration, from, items, { from, to: stage, items: ids(items), since });
  }
  const line = startFromLine(items);
  if (line === undefined) {
    return {
      kind: "refused",
      lines: [
        `declared stage ${stage}, but its machines are at different stages: ${byStage(items)
          .map(([at, there]) => `${namesOf(there)} at ${at}`)
          .join("; ")}.`,
        "Nothing was started. Bring them to one stage first, or declare a Failover for each machine.",
      ],
    };
  }
  const from = items[0]?.stage ?? "protected";
  const way = path(scenario, from, stage, through);
  const legal = legalStages(scenario, from, through).join(", ");
  if (startFrom === line) {
    return way.isLegal
      ? {
          kind: "walk",
          walk: { from, to: stage, items: ids(items), since: lastFailover(items) },
          steps: way.steps,
        }
      : { kind: "refused", lines: [`${way.reason}. Legal stages from here: ${legal}.`] };
  }
  const lines = [
    `declared stage ${stage}, but Azure shows ${from} (${meaningOf(scenario, from)}), and this resource is new to the stack, so nothing was started.`,
  ];
  if (startFrom !== undefined) {
    lines.push(`startFrom: ${JSON.stringify(startFrom)} does not name the present stage and the last failover.`);
  }
  lines.push(
    `To take it over as it is, declare stage: ${JSON.stringify(from)}.`,
    way.isLegal
      ? `To let this create go from ${from} to ${stage}, add startFrom: ${JSON.stringify(line)} (it cannot act twice: the time then differs).`
      : `${way.reason}. Legal stages from ${from}: ${legal}.`,
  );
  return { kind: "refused", lines };
}

/** A walk from one stage towards the declared one; every item must be found somewhere on that way. */
function alongStretch(
  declaration: Declaration,
  from: Stage,
  items: readonly ItemAtStage[],
  open?: OpenWalk,
): Decision {
  const { scenario, stage, through } = declaration;
  // Declaring what is there accepts it, however it came about.
  if (items.every((item) => item.stage === stage)) return { kind: "nothing", items: ids(items) };
  const way = path(scenario, from, stage, through);
  if (!way.isLegal) {
    return {
      kind: "refused",
      lines: [
        `stage cannot change from ${from} to ${stage}: ${way.reason}.`,
        ...observedElsewhere(
          items.filter((item) => item.stage !== from),
          () => ".",
        ),
        `Legal stages from ${from}: ${way.legalStages.join(", ")}. Nothing was started.`,
      ],
    };
  }
  const allowed = stretch(scenario, from, stage);
  const astray = items.filter((item) => !allowed.includes(item.stage));
  if (astray.length > 0) {
    return {
      kind: "refused",
      lines: [
        ...observedElsewhere(astray, () => `, which is not on the way from ${from} to ${stage}.`),
        items.every((item) => item.stage === astray[0]?.stage)
          ? `Nothing was started. To accept what is there, declare stage: ${JSON.stringify(astray[0]?.stage)}.`
          : "Nothing was started. No one stage accepts this, its machines are at different ones: bring them together, or declare a Failover for each machine.",
      ],
    };
  }
  const gone = open ? [] : goneRoundSince(declaration, from, items);
  if (gone.length > 0) return { kind: "refused", lines: goneRoundLines(declaration, gone, items) };
  const again = open
    ? items.filter((item) => item.stage === open.from && isLater(item.lastFailoverTime, open.since))
    : [];
  if (open && again.length > 0) {
    return {
      kind: "refused",
      lines: [
        ...again.map(
          (item) =>
            `${item.name} is at ${item.stage} again: it failed over at ${item.lastFailoverTime}, after the walk to ${stage} began (last failover then: ${open.since}).`,
        ),
        `A walk does not go round. Nothing was started. To accept what is there, declare stage: ${JSON.stringify(open.from)}.`,
      ],
    };
  }
  const walk = open ?? { from, to: stage, items: ids(items), since: lastFailover(items) };
  return { kind: "walk", walk, steps: way.steps };
}

/**
 * The machines that failed over behind the back of this state: it may be an old one that was restored, and the change of
 * `stage` one that was carried out long ago. A `startFrom` that names the present turn is asked for.
 */
function goneRoundSince(
  { lastFailover: seen, startFrom }: Declaration,
  from: Stage,
  items: readonly ItemAtStage[],
): ItemAtStage[] {
  if (seen === undefined) return [];
  if (startFrom !== undefined && startFrom === startFromLine(items)) return [];
  return items.filter((item) => item.stage === from && isLater(item.lastFailoverTime, seen));
}

function goneRoundLines(
  { lastFailover: seen, stage }: Declaration,
  gone: readonly ItemAtStage[],
  items: readonly ItemAtStage[],
): string[] {
  const line = startFromLine(items);
  return [
    ...gone.map(
      (item) =>
        `${item.name} is at ${item.stage} in a later turn: it failed over at ${item.lastFailoverTime}, and this stack does not know of that (last failover that it knows of: ${seen}). Its state may be an old one.`,
    ),
    line === undefined
      ? "Nothing was started. Declare a Failover for each machine."
      : `Nothing was started. To let it go from here to ${stage} all the same, add startFrom: ${JSON.stringify(line)}.`,
  ];
}

/** Says what is elsewhere, and what the change that accepts it would do to machines that are not. */
function driftLines(
  { scenario, stage }: Declaration,
  elsewhere: readonly ItemAtStage[],
  managed: readonly ItemAtStage[],
): string[] {
  const lines = observedElsewhere(
    elsewhere,
    (at) => ` (${meaningOf(scenario, at)}), declared and last applied is ${stage}. Nothing is started.`,
  );
  const stays = managed.filter((item) => item.stage === stage);
  const [at, another] = new Set(elsewhere.map((item) => item.stage));
  if (at !== undefined && another === undefined && stays.length === 0)
    return [...lines, `To accept it, declare stage: ${JSON.stringify(at)}.`];
  // A stage that would move machines which nobody touched is told, never advised.
  const cost =
    at !== undefined && another === undefined && path(scenario, stage, at, true).isLegal
      ? `No stage accepts it alone: ${at} would take ${namesOf(stays)} from ${stage} there too.`
      : "No one stage accepts it: the machines are at different ones.";
  return [...lines, `${cost} Bring them together, or declare a Failover for each machine.`];
}

/** A line for each stage at which some of the machines are. */
function observedElsewhere(items: readonly ItemAtStage[], say: (stage: Stage) => string): string[] {
  return byStage(items).map(
    ([stage, there]) => `${namesOf(there)} ${there.length === 1 ? "is" : "are"} observed at ${stage}${say(stage)}`,
  );
}

function byStage(items: readonly ItemAtStage[]): [Stage, ItemAtStage[]][] {
  const stages = [...new Set(items.map((item) => item.stage))];
  return stages.map((stage) => [stage, items.filter((item) => item.stage === stage)]);
}

/** How many machines one line names. */
const mostNames = 20;

function namesOf(items: readonly ItemAtStage[]): string {
  const names = items.slice(0, mostNames).map((item) => item.name);
  return `${names.join(", ")}${items.length > mostNames ? ` and ${items.length - mostNames} more` : ""}`;
}

/** True where a machine failed over after the instant (`never` = it had not failed over at all). */
export function isLater(lastFailoverTime: string | undefined, since: string): boolean {
  if (lastFailoverTime === undefined) return false;
  return since === "never" || Date.parse(lastFailoverTime) > Date.parse(since);
}

function select(items: readonly ItemAtStage[], wanted: readonly string[]): ItemAtStage[] {
  const keys = new Set(wanted.map((id) => id.toLowerCase()));
  return items.filter((item) => keys.has(item.id.toLowerCase()));
}

function ids(items: readonly ItemAtStage[]): string[] {
  return items.map((item) => item.id);
}
