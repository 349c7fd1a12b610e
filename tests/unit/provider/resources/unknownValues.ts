/** Valid inputs with parts replaced by the marker that Pulumi sends for a value that is not known yet, and what must hold of them. */

import { expect } from "chai";
import fc from "fast-check";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import type { Handler, Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { makeContext, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

export type Path = (string | number)[];

/** The paths of all values inside, lists and objects too. */
export function pathsIn(value: unknown, path: Path = []): Path[] {
  const here = path.length > 0 ? [path] : [];
  if (Array.isArray(value)) return [...here, ...value.flatMap((inner, index) => pathsIn(inner, [...path, index]))];
  if (typeof value !== "object" || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

export function withUnknown(inputs: Properties, paths: readonly Path[]): Properties {
  const copy = structuredClone(inputs);
  for (const path of paths) {
    let at: unknown = copy;
    for (const part of path.slice(0, -1))
      at = typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[part] : undefined;
    const last = path.at(-1);
    if (typeof at === "object" && at !== null && last !== undefined)
      (at as Record<string | number, unknown>)[last] = unknownMarker;
  }
  return copy;
}

/** A vault with what the inputs refer to. */
function prepared(token: string): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  if (token !== "ReplicatedItem") fake.addItem("app01");
  fake.addItem("db01");
  return fake;
}

function subject(token: string): { handler: Handler; program: () => Properties; some: fc.Arbitrary<Path[]> } {
  const handler = handlers.get(token);
  const program = validInputs[token];
  if (!handler || !program) throw new Error(`no handler or inputs of ${token}`);
  return { handler, program, some: fc.subarray(pathsIn(program()), { minLength: 1 }) };
}

const runs = { numRuns: 80 };

/** Check and diff answer, and the checked inputs keep the markers where they were. */
export async function crashNothing(token: string): Promise<void> {
  const { handler, program, some } = subject(token);
  const made = await up(handler, makeContext(prepared(token)), program());
  await fc.assert(
    fc.asyncProperty(some, fc.boolean(), async (chosen, isNew) => {
      const news = withUnknown(program(), chosen);
      const { inputs } = await handler.check(makeContext(prepared(token)), isNew ? {} : made.inputs, news);
      handler.diff(made.id, made.outputs, inputs);
      for (const [key, value] of Object.entries(news)) expect(inputs[key], key).to.deep.equal(value);
    }),
    runs,
  );
}

/** Diff sees a change, and no replacement. */
export async function replaceNothing(token: string): Promise<void> {
  const { handler, program, some } = subject(token);
  const made = await up(handler, makeContext(prepared(token)), program());
  await fc.assert(
    fc.asyncProperty(some, async (chosen) => {
      const diff = handler.diff(made.id, made.outputs, withUnknown(made.inputs, chosen));
      expect(diff.replaces, JSON.stringify(chosen)).to.deep.equal([]);
      expect(diff.hasChanges, JSON.stringify(chosen)).to.equal(true);
    }),
    runs,
  );
}

/** Check passes over what concerns an unknown value. */
export async function failNothing(token: string): Promise<void> {
  const { handler, program, some } = subject(token);
  await fc.assert(
    fc.asyncProperty(some, async (chosen) => {
      const { failures } = await handler.check(makeContext(prepared(token)), {}, withUnknown(program(), chosen));
      expect(failures, JSON.stringify(chosen)).to.deep.equal([]);
    }),
    runs,
  );
}
