/** The roles of whoever calls: one set for the whole emulator, which knows no callers by name. */

import { existsSync, readFileSync } from "node:fs";
import type { ArmRequest } from "../core.js";
import { ArmError } from "../errors.js";
import { guidOf } from "../estate/names.js";
import { actionOf } from "./action.js";
import { builtInRoles, type RoleDefinition } from "./builtInRoles.js";

/** The one caller, as errors call him. */
const client = guidOf("client of the emulator");

/** What callers may do. Without roles everything is allowed. */
export class Roles {
  #roles: RoleDefinition[] | undefined;

  constructor(roles?: RoleDefinition[]) {
    this.#roles = roles;
  }

  /** undefined: no roles are enforced. */
  get definitions(): readonly RoleDefinition[] | undefined {
    return this.#roles;
  }

  /** @param roles undefined: from now on everything is allowed */
  set(roles: RoleDefinition[] | undefined): void {
    this.#roles = roles;
  }

  /** @throws ArmError 403 naming action and scope, as Azure words it */
  check(method: ArmRequest["method"], path: string): void {
    const roles = this.#roles;
    if (roles === undefined) return;
    const { action, scope } = actionOf(method, path);
    if (roles.some((role) => allows(role, action))) return;
    throw new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${client}' with object id '${client}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }
}

function allows(role: RoleDefinition, action: string): boolean {
  const matches = (pattern: string) => patternOf(pattern).test(action);
  return role.actions.some(matches) && !role.notActions.some(matches);
}

const patterns = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const text = pattern
    .split("*")
    .map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, "\\$&"))
    .join(".*");
  const made = new RegExp(`^${text}$`, "i");
  patterns.set(pattern, made);
  return made;
}

/**
 * Roles by their names, separated by commas, or a JSON file of role definitions as `az role definition list` prints them:
 * `[{ roleName, permissions: [{ actions, notActions }] }]`, a name standing for a built-in one.
 *
 * @throws Error naming everything that is wrong, and what is allowed
 */
export function readRoles(text: string): RoleDefinition[] {
  const names = text.split(",").map((name) => name.trim());
  const isNames = names.every((name) => builtIn(name) !== undefined);
  if (!isNames && existsSync(text)) return parseRoles(fileOf(text), text);
  return parseRoles(names, "--roles");
}

function fileOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`reading roles of "${file}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function builtIn(name: string): RoleDefinition | undefined {
  return builtInRoles.find((role) => role.roleName.toLowerCase() === name.toLowerCase());
}

/** @throws Error */
export function parseRoles(value: unknown, where: string): RoleDefinition[] {
  const list = Array.isArray(value) ? value : [value];
  const problems: string[] = [];
  const roles = list.flatMap((each: unknown, index) => {
    const role = typeof each === "string" ? builtIn(each) : customRole(each);
    if (role !== undefined) return [role];
    problems.push(
      typeof each === "string"
        ? `"${each}" is no built-in role that the emulator knows`
        : `${index} is no role definition`,
    );
    return [];
  });
  if (list.length === 0) problems.push("no role is named");
  if (problems.length === 0) return roles;
  const allowed = builtInRoles.map((role) => role.roleName).join(", ");
  throw new Error(
    `${where}: ${problems.join("; ")}; allowed: ${allowed}, or definitions { roleName, actions, notActions }`,
  );
}

/** With `actions` of its own, or in `permissions` as Azure prints them. */
function customRole(value: unknown): RoleDefinition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given: Record<string, unknown> = { ...value };
  const parts = Array.isArray(given.permissions) ? (given.permissions as Record<string, unknown>[]) : [given];
  const [actions, notActions] = ["actions", "notActions"].map((name) => parts.flatMap((part) => part[name] ?? []));
  const isText = (list: unknown[] | undefined): list is string[] =>
    list?.every((each) => typeof each === "string") ?? false;
  if (!isText(actions) || !isText(notActions) || actions.length === 0) return undefined;
  const roleName = typeof given.roleName === "string" ? given.roleName : "custom role";
  return { roleName, actions, notActions };
}
