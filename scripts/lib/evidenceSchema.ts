/** The JSON Schema of evidence, from the types that the provider itself writes it by. */

import { evidenceVersion } from "../../provider/evidence/types.js";
import type { OutputDocs, TypeSpec } from "../../provider/shells/schema.js";

type Json = Record<string, unknown>;
type Spec = TypeSpec & { text?: string; isNullable?: boolean };

/**
 * The schema of one run, as it stands in a line of a history.
 *
 * @param run The type's own properties.
 * @param types The object types that it holds, by name.
 */
export function evidenceSchema(run: OutputDocs, types: Record<string, OutputDocs>): Json {
  const used = new Map<string, Json>();
  const typed = (spec: Spec): Json => {
    if (spec.kind === "array") return { type: "array", items: spec.element ? typed(spec.element) : {} };
    if (spec.kind === "object" && spec.name !== undefined) {
      const { name } = spec;
      const docs = types[name];
      if (docs === undefined) throw new Error(`there is no type ${name}`);
      if (!used.has(name)) {
        // Set before its members are read: a type may hold itself.
        used.set(name, {});
        used.set(name, object(docs));
      }
      return { $ref: `#/$defs/${name}` };
    }
    if (spec.values) return { enum: spec.values };
    if (spec.kind === "any") return {};
    return { type: spec.isNullable ? [spec.kind, "null"] : spec.kind };
  };
  const object = (docs: OutputDocs): Json => ({
    type: "object",
    ...(docs.text ? { description: docs.text } : {}),
    properties: Object.fromEntries(
      Object.entries(docs.properties).map(([key, spec]) => [
        key,
        { ...typed(spec), ...(spec.text ? { description: spec.text } : {}) },
      ]),
    ),
    required: Object.entries(docs.properties).flatMap(([key, spec]) =>
      spec.isOptional && !(spec as Spec).isNullable ? [] : [key],
    ),
  });
  const root = object(run);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Evidence of a drill or a failover",
    ...root,
    properties: {
      ...(root.properties as Json),
      schemaVersion: { const: evidenceVersion, description: run.properties.schemaVersion?.text },
    },
    $defs: Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
