import { type PropertyMap, withoutUnknowns } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { checkFailureText } from "./checkFailureText.js";
import type { Operation } from "./operation.js";
import { identityOf } from "./stepStates.js";
import { RegistrationStopped } from "./stepTurns.js";

/**
 * Lets a resource's provider check its inputs, and answers them with what it filled in.
 *
 * @param olds the inputs of before; none for a resource that is new.
 * @throws {RegistrationStopped} if it refuses them, which has been reported then.
 */
export async function checkInputs(
  operation: Operation,
  wanted: ResourceState,
  olds: PropertyMap,
  news: PropertyMap,
): Promise<PropertyMap> {
  const provider = operation.providers.of(wanted);
  // What is not known in an update never will be: it depends on something that failed.
  const known = operation.isPreview ? news : withoutUnknowns(news);
  const { inputs, failures } = await provider.check(identityOf(wanted), olds, known);
  if (failures.length > 0) {
    for (const failure of failures) {
      operation.error(wanted.urn, checkFailureText(wanted, failure, wanted.inputs ?? {}));
    }
    operation.bail(wanted.urn);
    throw new RegistrationStopped("the inputs were refused");
  }
  return inputs;
}
