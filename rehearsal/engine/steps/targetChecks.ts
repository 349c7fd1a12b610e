import { EngineError, joinProblems } from "../errors.js";
import type { ResourceState } from "../state/resourceState.js";
import type { Operation } from "./operation.js";
import type { OperationSelection } from "./operationSelection.js";
import type { UrnSelection } from "./urnSelection.js";

/**
 * Reports selected URNs that no resource has, neither of before nor registered by the program. Answers whether there
 * were any.
 */
export function reportMissing(
  operation: Operation,
  selection: UrnSelection,
  isRegistered: (urn: string) => boolean = () => false,
): boolean {
  const known = new Set(operation.store.base.map(({ urn }) => urn));
  const missing = selection.literals.filter((urn) => !known.has(urn) && !isRegistered(urn));
  for (const urn of missing) {
    const hint = urn.includes("$") ? "" : " Did you forget to escape $ in your shell?";
    operation.error("", `Target '${urn}' could not be found in the stack.${hint}`);
  }
  return missing.length > 0;
}

/**
 * Holds what a refresh or a destroy is to work on to what there is: these make nothing new.
 * @throws {EngineError} names all that is missing.
 */
export function requireSelected(selection: OperationSelection, base: readonly ResourceState[]): void {
  const known = new Set(base.map(({ urn }) => urn));
  const missing = [...selection.targets.literals, ...selection.excludes.literals].filter((urn) => !known.has(urn));
  if (missing.length > 0) {
    throw new EngineError(
      missing.length === 1
        ? `no resource named '${missing[0]}' found`
        : joinProblems(
            "some resources were not found",
            missing.map((urn) => `no resource named '${urn}' found`),
          ),
    );
  }
}
