import type { AnalyzedResource } from "../policy/types.js";
import type { PropertyMap } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { providerUrnOf } from "../urn.js";
import type { ResourceGoal } from "./goal.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";

/** Shows resources to the policy packs of an operation, if it has any. */
export class PolicyGate {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
  ) {}

  /**
   * Lets policy packs mend and judge a resource. Answers whether it must not come to be: in a preview that is never
   * so, since there it is only told.
   */
  async refuses(goal: ResourceGoal, wanted: ResourceState): Promise<boolean> {
    const { policies, isPreview } = this.operation;
    if (policies === undefined) {
      return false;
    }
    const properties = wanted.inputs ?? {};
    const resource = this.analyzed(wanted, properties, goal);
    const { inputs, isBroken } = await policies.checkResource(this.operation, resource);
    if (inputs !== properties) {
      wanted.inputs = inputs;
    }
    return isBroken && !isPreview;
  }

  /** Lets policy packs judge the stack as it is at the end, or would be. */
  async judgeStack(): Promise<void> {
    const resources = [...this.memory.current.values()].map((state) => this.analyzed(state, state.outputs ?? {}));
    await this.operation.policies?.checkStack(this.operation, resources);
  }

  private analyzed(state: ResourceState, properties: PropertyMap, goal?: ResourceGoal): AnalyzedResource {
    return {
      state,
      properties,
      provider:
        state.provider === undefined ? undefined : this.memory.providerState(providerUrnOf(state.provider)),
      aliases: state.aliases ?? [],
      deleteBeforeReplace: goal?.deleteBeforeReplace,
    };
  }
}
