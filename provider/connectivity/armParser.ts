/** Reading ARM's JSON part by part: what is of another shape becomes a finding, and the rest is read on. */

import { z } from "zod";
import { Findings, listSome } from "./findings.js";
import { lastSegment } from "./ids.js";

export class ArmParser {
  readonly findings = new Findings();

  /** The parts that have the shape. @param what what a part is called in a finding, such as `route of web` */
  parse<S extends z.ZodType>(shape: S, items: readonly unknown[] | null | undefined, what: string): z.infer<S>[] {
    return (items ?? []).flatMap((item, index) => {
      const result = shape.safeParse(item);
      if (result.success) return [result.data];
      const problems = result.error.issues.map(
        (issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`,
      );
      this.findings.add({
        id: "armUnreadable",
        severity: "warning",
        text: `${what} ${nameIn(item) ?? `number ${index + 1}`} could not be read: ${listSome(problems)}`,
        remedy: "the plan goes on without it; check what Azure answers for it",
      });
      return [];
    });
  }
}

const named = z.object({ name: z.string().optional(), id: z.string().optional() });

function nameIn(item: unknown): string | undefined {
  const { name, id } = named.safeParse(item).data ?? {};
  return name ?? (id === undefined ? undefined : lastSegment(id));
}
