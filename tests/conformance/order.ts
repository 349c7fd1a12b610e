import type { CaseStep, ProviderCall } from "./cases.js";
import { nameOf } from "./observation.js";

type Resource = Record<string, unknown>;

/** Holds the calls of each step of a case to the order that the resources' dependencies ask for. */
export class OrderOfCalls {
  private before: readonly Resource[] = [];

  /**
   * @param resources those kept after the step; absent for what writes nothing.
   * @throws {Error} what was made before something that it depends on, or deleted after it.
   */
  check(step: CaseStep, calls: readonly ProviderCall[], resources: readonly Resource[] | undefined): void {
    if (resources === undefined) {
      return;
    }
    const problems = [
      ...outOfOrder("create", calls, resources, (place, needed) => place < needed),
      ...(step.do === "destroy"
        ? outOfOrder("delete", calls, this.before, (place, needed) => place > needed)
        : []),
    ];
    if (problems.length > 0) {
      throw new Error(`the order of calls is wrong:\n${problems.join("\n")}`);
    }
    this.before = resources;
  }
}

function outOfOrder(
  method: "create" | "delete",
  calls: readonly ProviderCall[],
  resources: readonly Resource[],
  isWrong: (place: number, placeOfNeeded: number) => boolean,
): string[] {
  const names = calls.filter((call) => call.method === method).map(({ name }) => name);
  const places = new Map(names.map((name, place) => [name, place]));
  return resources.flatMap(({ urn, dependencies = [] }) =>
    (dependencies as string[]).flatMap((dependency) => {
      const [name, needed] = [nameOf(urn as string), nameOf(dependency)];
      const [place, placeOfNeeded] = [places.get(name), places.get(needed)];
      return place !== undefined && placeOfNeeded !== undefined && isWrong(place, placeOfNeeded)
        ? [`${method} of ${name}, and of ${needed}, which it depends on`]
        : [];
    }),
  );
}
