/** The plugin as Pulumi's engine sees it: its protocol over gRPC, with an engine that takes its lines. */

import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { providerCalls } from "../../../../protocol/provider.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { engineLog } from "../../../../provider/shells/pluginLog.js";
import { pluginService } from "../../../../provider/shells/pluginServer.js";

export interface Line {
  urn: string;
  severity: "info" | "warning";
  message: string;
  ephemeral: boolean;
}

export interface Diffed {
  changes: "none" | "some";
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** `add_replace` and the like, by path. */
  detailed: Record<string, string>;
}

/** What a failed call says besides its message. */
export class CallFailed extends Error {
  constructor(
    message: string,
    readonly partial?: { id: string; properties: Properties; reasons: string[] },
  ) {
    super(message);
  }
}

const signatureKey = "4dabf18193072939515e22adb298388d";

/** A secret as Pulumi wraps it. */
export function secret(value: unknown): unknown {
  return { [signatureKey]: "1b47061264138c4ac30d75fd1eb44270", value };
}

export class PluginProcess {
  readonly lines: Line[] = [];
  private listener: ((line: Line) => void) | undefined;
  /** Throws where the engine is said to be gone. */
  beforeWrite: () => Promise<void> = async () => undefined;

  private constructor(
    private readonly servers: Server[],
    private client: ResourceProviderClient,
  ) {}

  /** @param env the process's environment; SITERECOVERY_ENDPOINT says where Azure is */
  static async start(env: NodeJS.ProcessEnv, readSchema = async () => "{}"): Promise<PluginProcess> {
    const engineServer = new Server();
    const servers = [engineServer];
    const started = new PluginProcess(servers, undefined as unknown as ResourceProviderClient);
    engineServer.addService(EngineService, {
      log: (call: { request: engine.LogRequest }, done: (error: null, answer: empty.Empty) => void) => {
        const { request } = call;
        const line: Line = {
          urn: request.getUrn(),
          severity: request.getSeverity() === engine.LogSeverity.WARNING ? "warning" : "info",
          message: request.getMessage(),
          ephemeral: request.getEphemeral(),
        };
        started.lines.push(line);
        started.listener?.(line);
        done(null, new empty.Empty());
      },
    });
    const enginePort = await listen(engineServer);
    const server = new Server();
    servers.push(server);
    server.addService(
      providerCalls,
      pluginService({
        version: "1.2.3",
        readSchema,
        env,
        log: (redact) => engineLog(`127.0.0.1:${enginePort}`, redact),
        beforeWrite: () => started.beforeWrite(),
      }),
    );
    started.client = new ResourceProviderClient(
      `127.0.0.1:${await listen(server)}`,
      credentials.createInsecure(),
      { "grpc.max_receive_message_length": 2 ** 28 },
    );
    return started;
  }

  stop(): void {
    this.client.close();
    for (const server of this.servers) server.forceShutdown();
  }

  /** Resolves with the next line that fits. */
  nextLine(fits: (line: Line) => boolean): Promise<Line> {
    return new Promise((resolve) => {
      this.listener = (line) => {
        if (fits(line)) resolve(line);
      };
    });
  }

  /** The raw client, for calls that have no form here. */
  get raw(): ResourceProviderClient {
    return this.client;
  }

  async checkConfig(news: Properties): Promise<{ property: string; reason: string }[]> {
    const request = new provider.CheckRequest();
    request.setNews(toStruct(news));
    const answer = await this.call<provider.CheckResponse>((done) => this.client.checkConfig(request, done));
    return answer.getFailuresList().map((failure) => failure.toObject());
  }

  async configure(args: Properties): Promise<provider.ConfigureResponse> {
    const request = new provider.ConfigureRequest();
    request.setArgs(toStruct(args));
    request.setAcceptsecrets(true);
    return this.call<provider.ConfigureResponse>((done) => this.client.configure(request, done));
  }

  async check(
    type: string,
    news: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = named(new provider.CheckRequest(), type);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const answer = await this.call<provider.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: fromStruct(answer.getInputs()),
      failures: answer.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  async diff(
    type: string,
    id: string,
    old: { inputs: Properties; outputs: Properties },
    news: Properties,
  ): Promise<Diffed> {
    const request = named(new provider.DiffRequest(), type);
    request.setId(id);
    request.setOldInputs(toStruct(old.inputs));
    request.setOlds(toStruct(old.outputs));
    request.setNews(toStruct(news));
    const answer = await this.call<provider.DiffResponse>((done) => this.client.diff(request, done));
    const kinds = Object.entries(provider.PropertyDiff.Kind);
    const detailed: Record<string, string> = {};
    answer.getDetaileddiffMap().forEach((difference, path) => {
      detailed[path] = kinds.find(([, value]) => value === difference.getKind())?.[0].toLowerCase() ?? "";
    });
    return {
      changes: answer.getChanges() === provider.DiffResponse.DiffChanges.DIFF_SOME ? "some" : "none",
      replaces: answer.getReplacesList(),
      deleteBeforeReplace: answer.getDeletebeforereplace(),
      detailed,
    };
  }

  async create(
    type: string,
    news: Properties,
    options: { preview?: boolean; timeout?: number } = {},
  ): Promise<{ id: string; outputs: Properties }> {
    const request = named(new provider.CreateRequest(), type);
    request.setProperties(toStruct(news));
    request.setPreview(options.preview ?? false);
    request.setTimeout(options.timeout ?? 0);
    const answer = await this.call<provider.CreateResponse>((done) => this.client.create(request, done));
    return { id: answer.getId(), outputs: fromStruct(answer.getProperties()) };
  }

  async update(
    type: string,
    id: string,
    olds: Properties,
    news: Properties,
    options: { preview?: boolean } = {},
  ): Promise<Properties> {
    const request = named(new provider.UpdateRequest(), type);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setPreview(options.preview ?? false);
    const answer = await this.call<provider.UpdateResponse>((done) => this.client.update(request, done));
    return fromStruct(answer.getProperties());
  }

  async read(
    type: string,
    id: string,
    state?: { inputs: Properties; outputs: Properties },
  ): Promise<{ id: string; inputs: Properties; outputs: Properties }> {
    const request = named(new provider.ReadRequest(), type);
    request.setId(id);
    if (state) {
      request.setInputs(toStruct(state.inputs));
      request.setProperties(toStruct(state.outputs));
    }
    const answer = await this.call<provider.ReadResponse>((done) => this.client.read(request, done));
    return {
      id: answer.getId(),
      inputs: fromStruct(answer.getInputs()),
      outputs: fromStruct(answer.getProperties()),
    };
  }

  async delete(type: string, id: string, outputs: Properties): Promise<void> {
    const request = named(new provider.DeleteRequest(), type);
    request.setId(id);
    request.setProperties(toStruct(outputs));
    await this.call<empty.Empty>((done) => this.client.delete(request, done));
  }

  async invoke(
    token: string,
    args: Properties,
  ): Promise<{ result: Properties; failures: { property: string; reason: string }[] }> {
    const request = new provider.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    const answer = await this.call<provider.InvokeResponse>((done) => this.client.invoke(request, done));
    return {
      result: fromStruct(answer.getReturn()),
      failures: answer.getFailuresList().map((failure) => failure.toObject()),
    };
  }

  async cancel(): Promise<void> {
    await this.call<empty.Empty>((done) => this.client.cancel(new empty.Empty(), done));
  }

  /** @throws CallFailed */
  call<T>(start: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      start((error, answer) => (error === null ? resolve(answer) : reject(failedCall(error))));
    });
  }
}

export const typeOf = (token: string) => `siterecovery:index:${token}`;
export const urnOf = (token: string) => `urn:pulumi:dev::shop::${typeOf(token)}::${token}`;

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

function named<
  T extends { setUrn(urn: string): unknown; setType(type: string): unknown; setName(name: string): unknown },
>(request: T, token: string): T {
  request.setUrn(urnOf(token));
  request.setType(typeOf(token));
  request.setName(token);
  return request;
}

function toStruct(properties: Properties): struct.Struct {
  return struct.Struct.fromJavaScript(properties as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}

function fromStruct(message: struct.Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

function failedCall(error: ServiceError): CallFailed {
  for (const packed of error.metadata.get("grpc-status-details-bin")) {
    for (const detail of statusMessages.Status.deserializeBinary(Buffer.from(packed)).getDetailsList()) {
      const failed = detail.unpack(
        provider.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
      );
      if (failed)
        return new CallFailed(error.details, {
          id: failed.getId(),
          properties: fromStruct(failed.getProperties()),
          reasons: failed.getReasonsList(),
        });
    }
  }
  return new CallFailed(error.details);
}
