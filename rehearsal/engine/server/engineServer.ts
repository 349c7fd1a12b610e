import { type handleUnaryCall, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type callback from "@pulumi/pulumi/proto/callback_pb.js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Severity } from "../events.js";
import { channelOptions } from "../grpc.js";
import type { PropertyMap } from "../propertyValues.js";
import { fromStruct, toStruct } from "../protobufStruct.js";
import type { InvokeResult } from "../providers/resourceProviderHost.js";
import type { Registration } from "../steps/registration.js";
import { CallError } from "./callError.js";
import type { InvokeCall } from "./invokeCall.js";
import type { Transforms } from "./transforms.js";

/** What a program and the providers can ask of the engine. Errors go back to the caller with their message. */
export interface EngineCalls {
  readonly transforms: Transforms;
  registerResource(request: resource.RegisterResourceRequest): Promise<Registration>;
  readResource(request: resource.ReadResourceRequest): Promise<Registration>;
  registerOutputs(urn: string, outputs: PropertyMap): Promise<void>;
  invoke(call: InvokeCall): Promise<InvokeResult>;
  registerHook(request: resource.RegisterResourceHookRequest): void;
  registerErrorHook(request: resource.RegisterErrorHookRequest): void;
  /** Resolves when all that the program registered is done. */
  allDone(): Promise<void>;
  log(severity: Severity, urn: string, message: string, isEphemeral: boolean, streamId: number): void;
  /** Told of a call that is not implemented, by name, before it is refused. */
  refused(message: string): void;
}

/** An error that tells the program to end without a message of its own. */
export class ShuttingDown extends Error {
  override readonly name = "ShuttingDown";
}

/** What the SDK may ask whether the engine knows it: those refused by name when used are "known" too. */
const features = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "resourceHooks",
  "errorHooks",
  "parameterization",
]);

/** Calls that programs can make and that are refused, with what they are for. */
const refusedCalls: Record<string, string> = {
  call: "methods of resources",
  registerPackage: "parameterized packages",
};

/** The gRPC server that a program and its providers talk to, on loopback. */
export class EngineServer {
  private constructor(
    private readonly server: Server,
    /** `host:port`. */
    readonly address: string,
  ) {}

  static async start(calls: EngineCalls): Promise<EngineServer> {
    const server = new Server(channelOptions);
    server.addService(ResourceMonitorService, monitorHandlers(calls));
    server.addService(EngineService, engineHandlers(calls));
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) {
          resolve(bound);
        } else {
          reject(error);
        }
      });
    });
    return new EngineServer(server, `127.0.0.1:${port}`);
  }

  close(): void {
    this.server.forceShutdown();
  }
}

// biome-ignore-start lint/suspicious/noExplicitAny: the type that grpc-js itself gives to a table of handlers
type Handler = handleUnaryCall<any, any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/** Makes a handler of an async function. */
function handle<Request, Response>(answer: (request: Request) => Promise<Response> | Response): Handler {
  const handler: handleUnaryCall<Request, Response> = (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          callback({
            code: codeOf(error),
            details: error instanceof Error ? error.message : String(error),
          });
        },
      );
  };
  return handler;
}

function codeOf(error: unknown): status {
  if (error instanceof CallError) {
    return error.code;
  }
  return error instanceof ShuttingDown ? status.UNAVAILABLE : status.UNKNOWN;
}

function refuse(calls: EngineCalls, what: string): Handler {
  return handle(() => {
    const message = `${what} are not implemented by the embedded engine. Use the Pulumi CLI for them`;
    calls.refused(message);
    throw new ShuttingDown(message);
  });
}

const results = {
  succeeded: resource.Result.SUCCESS,
  failed: resource.Result.FAIL,
  skipped: resource.Result.SKIP,
};

function monitorHandlers(calls: EngineCalls): Record<string, Handler> {
  const implemented: Record<string, Handler> = {
    supportsFeature: handle((request: resource.SupportsFeatureRequest) => {
      const response = new resource.SupportsFeatureResponse();
      response.setHassupport(features.has(request.getId()));
      return response;
    }),
    registerResource: handle(async (request: resource.RegisterResourceRequest) => {
      const { state, result } = await calls.registerResource(request);
      const response = new resource.RegisterResourceResponse();
      response.setResult(results[result]);
      response.setUrn(state.urn);
      response.setId(state.id ?? "");
      // What a component had put out before may refer to resources that are not registered yet.
      response.setObject(toStruct(state.custom ? (state.outputs ?? {}) : {}));
      return response;
    }),
    readResource: handle(async (request: resource.ReadResourceRequest) => {
      const { state } = await calls.readResource(request);
      const response = new resource.ReadResourceResponse();
      response.setUrn(state.urn);
      response.setProperties(toStruct(state.outputs ?? {}));
      return response;
    }),
    registerResourceOutputs: handle(async (request: resource.RegisterResourceOutputsRequest) => {
      await calls.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
      return new empty.Empty();
    }),
    invoke: handle(async (request: resource.ResourceInvokeRequest) => {
      const { value, failures } = await calls.invoke({
        token: request.getTok(),
        args: fromStruct(request.getArgs()),
        provider: request.getProvider(),
        version: request.getVersion(),
      });
      const response = new provider.InvokeResponse();
      response.setReturn(toStruct(value));
      response.setFailuresList(
        failures.map(({ property, reason }) => {
          const failure = new provider.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),
    registerStackTransform: handle((transform: callback.Callback) => {
      calls.transforms.registerForStack(transform);
      return new empty.Empty();
    }),
    registerStackInvokeTransform: handle((transform: callback.Callback) => {
      calls.transforms.registerForCalls(transform);
      return new empty.Empty();
    }),
    registerResourceHook: handle((request: resource.RegisterResourceHookRequest) => {
      calls.registerHook(request);
      return new empty.Empty();
    }),
    registerErrorHook: handle((request: resource.RegisterErrorHookRequest) => {
      calls.registerErrorHook(request);
      return new empty.Empty();
    }),
    signalAndWaitForShutdown: handle(async () => {
      await calls.allDone();
      return new empty.Empty();
    }),
  };
  const handlers: Record<string, Handler> = {};
  for (const name of Object.keys(ResourceMonitorService)) {
    const what = refusedCalls[name];
    handlers[name] = implemented[name] ?? (what === undefined ? unimplemented(name) : refuse(calls, what));
  }
  return handlers;
}

function engineHandlers(calls: EngineCalls): Record<string, Handler> {
  let rootUrn = "";
  const { LogSeverity } = engine;
  const severities: Record<number, Severity> = {
    [LogSeverity.DEBUG]: "debug",
    [LogSeverity.INFO]: "info",
    [LogSeverity.WARNING]: "warning",
    [LogSeverity.ERROR]: "error",
  };
  const implemented: Record<string, Handler> = {
    log: handle((request: engine.LogRequest) => {
      const severity = severities[request.getSeverity()] ?? "info";
      calls.log(severity, request.getUrn(), request.getMessage(), request.getEphemeral(), request.getStreamid());
      return new empty.Empty();
    }),
    getRootResource: handle(() => {
      const response = new engine.GetRootResourceResponse();
      response.setUrn(rootUrn);
      return response;
    }),
    setRootResource: handle((request: engine.SetRootResourceRequest) => {
      rootUrn = request.getUrn();
      return new engine.SetRootResourceResponse();
    }),
  };
  return Object.fromEntries(
    Object.keys(EngineService).map((name) => [name, implemented[name] ?? unimplemented(name)]),
  );
}

/** Answers as a server does that does not know the call: callers with a way round take it. */
function unimplemented(name: string): Handler {
  const handler: handleUnaryCall<unknown, unknown> = (_call, callback) => {
    callback({ code: status.UNIMPLEMENTED, details: `${name} is not implemented by the embedded engine` });
  };
  return handler;
}
