import { z } from "zod";
import type { World } from "../core.js";
import { ArmError, invalidReference } from "../errors.js";
import { invalidRequest, networkName } from "./operations.js";

/** Shapes that bodies of several types share. Unknown fields are kept: a client reads back what it wrote. */

/** `{ id }`. */
export const reference = z.looseObject({ id: z.string().startsWith("/") });

/** A member of a collection inside a resource: `{ name, properties }`. */
export const member = <Properties extends z.ZodType>(properties: Properties) =>
  z.looseObject({ name: z.string().min(1), properties });

/** Parses `properties` of a body. @throws ArmError 400 that lists every problem by its path */
export function parseProperties<T>(schema: z.ZodType<T>, properties: Record<string, unknown>): T {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues.map((issue) => ({
      path: ["properties", ...issue.path].join("."),
      message: issue.message,
    })),
  );
}

/** What a reference points to must exist. @throws ArmError `InvalidResourceReference` */
export function requireReferences(world: World, referrer: string, ...ids: (string | undefined)[]): void {
  for (const id of ids) if (id !== undefined && !world.arm.get(id)) throw invalidReference(id, referrer);
}

/** The name of a member of a network. @throws ArmError `InvalidResourceName` */
export function refuseMemberName(name: string): void {
  if (name.length <= networkName.most && networkName.pattern.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${name} is invalid. The name can be up to ${networkName.most} characters long. ${networkName.allowed}`,
  );
}

/** No two members may have one name. @throws ArmError `DuplicateResourceName` */
export function refuseTwice(names: string[], what: string, id: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ArmError(
      400,
      "DuplicateResourceName",
      `Resource ${id} has two child resources with the same name (${what} ${twice}).`,
    );
}
