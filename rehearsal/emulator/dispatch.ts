import type { ArmRequest, ArmResponse, Operation } from "./core.js";
import { ArmError } from "./errors.js";
import { checkApiVersion, checkScope, parseBody } from "./manners.js";
import { pathTemplate, Router } from "./router.js";
import type { EmulatorWorld } from "./world.js";

/** A request with everything that decides on its answer: the same call on the same state changes it the same way. */
export interface Call {
  /** Simulated milliseconds since 1970: everything that it does happens at this instant. */
  at: number;
  method: ArmRequest["method"];
  path: string;
  /** Without the question mark. */
  query: string;
  text: string;
  headers: Record<string, string | undefined>;
  origin: string;
  clientRequestId: string;
}

/** What is told of a call while it is looked at; whoever throws refuses it. */
export interface Witness {
  routed?(operation: Operation): void;
  parsed?(body: unknown): void;
}

/** From a call to its answer. */
export class Dispatcher {
  readonly #router: Router;

  constructor(
    private readonly world: EmulatorWorld,
    operations: readonly Operation[],
  ) {
    this.#router = new Router(operations);
  }

  /** `settled`: how many events of the timeline the call itself made due. */
  perform(call: Call, witness: Witness = {}): { answer: ArmResponse; settled: number } {
    const { world } = this;
    try {
      return world.clock.pin(call.at, () => {
        const { operation, params } = this.route(call);
        witness.routed?.(operation);
        const query = new URLSearchParams(call.query);
        const apiVersion = checkApiVersion(query);
        checkScope(operation, call.path, world);
        const body = parseBody(operation, call.text, call.headers["content-type"]);
        if (body !== undefined) witness.parsed?.(body);
        const { method, path, headers, origin, clientRequestId } = call;
        const request = { method, path, query, params, body, headers, origin, apiVersion, clientRequestId };
        const answer = operation.handle(request, world);
        // What was scheduled for "at once" happens before anybody can ask.
        return { answer, settled: world.settle() };
      });
    } catch (error) {
      if (error instanceof ArmError) return { answer: error.toResponse(), settled: 0 };
      throw error;
    }
  }

  private route({ method, path }: Call): { operation: Operation; params: Record<string, string> } {
    const route = this.#router.find(method, path);
    if (route.kind === "operation") return route;
    const known = route.kind === "unknownMethod";
    if (!known && !/^\/(subscriptions|providers|tenants|metadata)(\/|$)/i.test(path))
      throw new ArmError(404, "NotFound", `No resource is served at '${path}'.`);
    const template = known ? route.template : pathTemplate(path);
    throw new ArmError(501, "NotImplemented", `The emulator does not implement ${method} ${template}.`);
  }
}
