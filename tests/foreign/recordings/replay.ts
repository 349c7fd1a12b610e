/** Sends recorded requests again, at the recorded times, and compares what comes back. */

import type { Emulator } from "../../../rehearsal/emulator/index.js";
import { shapeDifferences } from "./shape.js";

export interface Entry {
  /** Absent in the older recordings. */
  command?: string;
  method: string;
  path: string;
  requestBody: unknown;
  status: number;
  headers: Record<string, string | undefined>;
  date: string;
  responseBody: unknown;
}

export const isPoll = (entry: Entry) => /\/replicationOperationStatus\//i.test(entry.path);
const isSiteRecovery = (entry: Entry) => /\/Microsoft\.RecoveryServices\//i.test(entry.path);

export interface Replay {
  /** Requests that were sent. */
  sent: Entry[];
  /** Every difference, with the entry at which it showed. */
  problems: string[];
}

export interface ReplayOptions {
  /** Differences that the recording's age explains, such as names that a later version changed. */
  ofItsTime?: RegExp;
  /** Ids of the recording that the emulator gives otherwise. */
  names?: Map<string, string>;
  /** Of a list of items only this one is compared: the others of a vault in use are in states of their own. */
  onlyItem?: string;
  /** Makes a recorded answer of another version comparable, and what is answered today. */
  recorded?: (body: unknown) => unknown;
  answered?: (body: unknown) => unknown;
  /** Of 2016-08-10: a job was polled at its own address, and a content type named no character set. */
  isOld?: boolean;
  /** The recording's lists are cut short: what is answered beyond their length is left alone. */
  isCut?: boolean;
  /** Whether each task of a job must have the recorded name, words and state. */
  compareTasks?: boolean;
  /** What else is to hold of an answer. */
  look?: (entry: Entry, answered: unknown, where: string) => string[];
}

/** A list of items, cut down to the one of the test. */
function listed(body: unknown, { onlyItem }: ReplayOptions): unknown {
  if (onlyItem === undefined || typeof body !== "object" || body === null || !("value" in body)) return body;
  const { value } = body;
  if (!Array.isArray(value)) return body;
  const own = (value as { name: string; type?: string }[]).filter((each) => each.name === onlyItem);
  return own.length === 0 ? body : { ...body, value: own };
}

/** As much of a list as was recorded. */
function cut(body: unknown, recorded: unknown, { isCut }: ReplayOptions): unknown {
  const list = (of: unknown): unknown[] | undefined =>
    typeof of === "object" && of !== null && "value" in of && Array.isArray(of.value) ? of.value : undefined;
  const [all, wanted] = [list(body), list(recorded)];
  if (isCut !== true || all === undefined || wanted === undefined) return body;
  return { ...(body as object), value: all.slice(0, wanted.length) };
}

interface Job {
  properties: { startTime?: string; tasks: Record<string, unknown>[] };
}

function isJob(body: unknown): body is Job {
  const properties =
    typeof body === "object" && body !== null && "properties" in body ? body.properties : undefined;
  return typeof properties === "object" && properties !== null && "tasks" in properties;
}

/**
 * When an answer was given: the date in its header is of another clock and cut to seconds, but nothing that it tells of
 * can lie behind it. A start is of the time that its job has for it.
 */
function timeOf(entries: Entry[], index: number): number {
  const entry = entries[index];
  const times = (job: Job) =>
    [job.properties.startTime, ...job.properties.tasks.flatMap((task) => [task.startTime, task.endTime])]
      .map((time) => Date.parse(String(time)))
      .filter((time) => time > 0);
  const date = Date.parse(entry?.date ?? "");
  if (isJob(entry?.responseBody)) return Math.max(date, ...times(entry.responseBody));
  const next = entry?.method === "POST" ? entries[index + 1]?.responseBody : undefined;
  return isJob(next) ? Math.max(date, Date.parse(next.properties.startTime ?? "") || 0) : date;
}

/** Names, words and states of the tasks, where the first difference is. */
function taskDifferences(recorded: unknown, answered: unknown): string[] {
  if (!isJob(recorded) || !isJob(answered)) return [];
  const words = (job: Job) =>
    job.properties.tasks.map((task) =>
      ["name", "friendlyName", "state", "stateDescription", "taskType"].map((field) => task[field]).join(" "),
    );
  const [wanted, given] = [words(recorded), words(answered)];
  return wanted.join() === given.join()
    ? []
    : [`tasks: recorded ${wanted.join("; ")}, answered ${given.join("; ")}`];
}

const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Statuses, relevant headers, shapes and meaningful words of all requests to the vault. */
export async function replay(emulator: Emulator, entries: Entry[], options: ReplayOptions = {}): Promise<Replay> {
  const names = options.names ?? new Map<string, string>();
  const result: Replay = { sent: [], problems: [] };
  for (const [index, entry] of entries.entries()) {
    if (!isSiteRecovery(entry)) continue;
    const time = options.compareTasks === true ? timeOf(entries, index) : Date.parse(entry.date);
    emulator.world.clock.change({ time });
    const renamed = (text: string) => text.replace(guid, (each) => names.get(each) ?? each);
    const response = await fetch(emulator.origin + renamed(entry.path), {
      method: entry.method,
      headers: { "content-type": "application/json" },
      ...(entry.requestBody === null ? {} : { body: renamed(JSON.stringify(entry.requestBody)) }),
    });
    result.sent.push(entry);
    const text = await response.text();
    const answered: unknown = text === "" ? null : JSON.parse(text);
    const where = `entry ${index} (${entry.command ?? entry.method}, ${entry.date})`;
    const problems = headerDifferences(entry, response, options);
    if (response.status !== entry.status)
      problems.push(`recorded ${entry.status}, answered ${response.status}: ${text}`);
    noteJob(entry, response, names);
    const [wanted, given] = [
      options.recorded?.(entry.responseBody) ?? entry.responseBody,
      options.answered?.(cut(answered, entry.responseBody, options)) ?? answered,
    ];
    problems.push(
      ...shapeDifferences(listed(wanted, options), listed(given, options)),
      ...(options.compareTasks === true ? taskDifferences(wanted, given) : []),
      ...(options.look?.(entry, answered, where) ?? []),
    );
    const isExplained = (each: string) => options.ofItsTime?.test(each) ?? false;
    result.problems.push(...problems.map((each) => `${where}: ${each}`).filter((each) => !isExplained(each)));
  }
  return result;
}

/** Polling addresses must lead to the emulator, and differ from the recorded ones in the operation's id alone. */
function headerDifferences(entry: Entry, response: Response, { isOld = false }: ReplayOptions): string[] {
  const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\?)/i;
  const problems: string[] = [];
  for (const name of ["azure-asyncoperation", "location"]) {
    const ofToday = (address: string | undefined) =>
      isOld && name === "azure-asyncoperation"
        ? address?.replace("/replicationJobs/", "/replicationOperationStatus/")
        : address;
    const [recorded, answered] = [ofToday(entry.headers[name]), response.headers.get(name)];
    if (recorded === undefined && answered === null) continue;
    const [wanted, given] = [recorded, answered].map((value) =>
      (value ?? "absent").replace(/^http:\/\/127\.0\.0\.1:\d+/, "").replace(guid, "id"),
    );
    if (wanted !== given) problems.push(`${name}: recorded ${wanted}, answered ${given}`);
  }
  const type = entry.headers["content-type"];
  const given = response.headers.get("content-type");
  if (type !== undefined && (isOld ? given?.replace(/;.*$/, "") : given) !== type) {
    problems.push(`content-type: recorded ${type}, answered ${given}`);
  }
  for (const name of [
    "x-ms-ratelimit-remaining-subscription-writes",
    "x-ms-ratelimit-remaining-subscription-deletes",
  ]) {
    if (entry.headers[name] !== undefined && response.headers.get(name) === null)
      problems.push(`${name}: not answered`);
  }
  return problems;
}

/** Which id the emulator gave to the operation that the recording knows by another. */
function noteJob(entry: Entry, response: Response, jobs: Map<string, string>): void {
  const last = (address: string | null | undefined) => address?.replace(/\?.*$/, "").split("/").at(-1);
  const [recorded, answered] = [
    last(entry.headers["azure-asyncoperation"]),
    last(response.headers.get("azure-asyncoperation")),
  ];
  if (recorded !== undefined && answered !== undefined) jobs.set(recorded, answered);
}
