import type { ArmRequest, Operation } from "./core.js";

/** What a path and a method lead to. */
export type Route =
  | { kind: "operation"; operation: Operation; params: Record<string, string> }
  /** The path belongs to an operation, but not with this method. */
  | { kind: "unknownMethod"; template: string }
  | { kind: "unknownPath" };

interface Node {
  literals: Map<string, Node>;
  parameter?: Node;
  operations: Map<ArmRequest["method"], { operation: Operation; parameterNames: string[] }>;
}

/** Finds the operation of a request: literal segments are compared without case and win over parameters. */
export class Router {
  readonly #root: Node = emptyNode();

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) this.add(operation);
  }

  find(method: ArmRequest["method"], path: string): Route {
    const segments = path.split("/").filter((segment) => segment !== "");
    let template: string | undefined;
    const walk = (node: Node, depth: number, values: string[]): Route | undefined => {
      const segment = segments[depth];
      if (segment === undefined) {
        const found = node.operations.get(method);
        if (found) {
          const params = Object.fromEntries(
            found.parameterNames.map((name, index) => [name, values[index] ?? ""]),
          );
          return { kind: "operation", operation: found.operation, params };
        }
        template ??= [...node.operations.values()][0]?.operation.path;
        return undefined;
      }
      const literal = node.literals.get(segment.toLowerCase());
      const byLiteral = literal && walk(literal, depth + 1, values);
      if (byLiteral) return byLiteral;
      const value = decoded(segment);
      if (!node.parameter || value === undefined) return undefined;
      return walk(node.parameter, depth + 1, [...values, value]);
    };
    return (
      walk(this.#root, 0, []) ??
      (template === undefined ? { kind: "unknownPath" } : { kind: "unknownMethod", template })
    );
  }

  private add(operation: Operation): void {
    let node = this.#root;
    const parameterNames: string[] = [];
    for (const segment of operation.path.split("/").filter((part) => part !== "")) {
      const parameter = /^\{(.+)\}$/.exec(segment)?.[1];
      if (parameter !== undefined) {
        parameterNames.push(parameter);
        node.parameter ??= emptyNode();
        node = node.parameter;
      } else {
        const key = segment.toLowerCase();
        const next = node.literals.get(key) ?? emptyNode();
        node.literals.set(key, next);
        node = next;
      }
    }
    const other = node.operations.get(operation.method);
    if (other)
      throw new Error(`${operation.id} and ${other.operation.id} are both ${operation.method} ${operation.path}`);
    node.operations.set(operation.method, { operation, parameterNames });
  }
}

function emptyNode(): Node {
  return { literals: new Map(), operations: new Map() };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * The template that a path would have in ARM's scheme, names replaced: what to call an operation that does not exist
 * here. `/subscriptions/1/resourceGroups/a/providers/Microsoft.X/ys/b/act` gives
 * `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.X/ys/{name}/act`.
 */
export function pathTemplate(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  const result: string[] = [];
  let index = 0;
  const names: Record<string, string> = {
    subscriptions: "{subscriptionId}",
    resourcegroups: "{resourceGroupName}",
  };
  while (index < segments.length) {
    const segment = segments[index] ?? "";
    const next = segments[index + 1];
    result.push(segment);
    if (next !== undefined)
      // A provider's name is part of the operation, any other second segment is somebody's name.
      result.push(segment.toLowerCase() === "providers" ? next : (names[segment.toLowerCase()] ?? "{name}"));
    index += 2;
  }
  return `/${result.join("/")}`;
}
