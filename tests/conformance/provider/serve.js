// The provider of the conformance programs, package "conf". A resource's inputs say how it behaves, world.json in the
// program's directory says how the world does, and calls.jsonl there gets a line for each call.
//
// Inputs: any, and of them
//   force...        a change replaces the resource
//   deleteFirst     its replacement is deleted before it is created
//   forceUnknown    an unknown value in a `force...` input replaces too
//   diffMode        "detailed" (default), "keys" (top-level names only), "none" (sees no change), "unknown" (leaves it
//                   to the engine)
//   checkFailures   what check answers: [{property, reason}]
//   withDefault     check adds `size`, kept from before if there was one
//   say             check logs this on the resource
//   secretOut       the output `token` is secret
//   waitsFor        create ends when this file is there
// World: {fail: {NAME: {method, message, id, reasons}}, drift: {NAME: {inputs, outputs}}, gone: [NAME],
//   existing: {ID: {inputs, outputs}}}
const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const grpc = require("@grpc/grpc-js");
const engineGrpc = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
const engineMessages = require("@pulumi/pulumi/proto/engine_pb.js");
const providerGrpc = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/provider_pb.js");
const pluginMessages = require("@pulumi/pulumi/proto/plugin_pb.js");
const statusMessages = require("@pulumi/pulumi/proto/status_pb.js");
const anyMessages = require("google-protobuf/google/protobuf/any_pb.js");
const emptyMessages = require("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const controls = ["checkFailures", "diffMode", "say", "waitsFor"];

/** Serves one instance of the provider. Answers the server and its port. */
async function serve(directory, engineAddress) {
  const server = new grpc.Server({ "grpc.max_metadata_size": 1024 * 1024 });
  const instance = new Instance(directory, engineAddress);
  server.addService(providerGrpc.ResourceProviderService, instance.handlers());
  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, port };
}

class Instance {
  constructor(directory, engineAddress) {
    this.directory = directory;
    this.engineAddress = engineAddress;
  }

  world() {
    try {
      return JSON.parse(readFileSync(join(this.directory, "world.json"), "utf8"));
    } catch {
      return {};
    }
  }

  record(method, name, details) {
    const line = JSON.stringify({ method, name, ...details });
    appendFileSync(join(this.directory, "calls.jsonl"), `${line}\n`);
  }

  handlers() {
    const implemented = {
      getPluginInfo: () => {
        const info = new pluginMessages.PluginInfo();
        info.setVersion("1.0.0");
        return info;
      },
      checkConfig: (request) => this.checkConfig(request),
      diffConfig: (request) => this.diffConfig(request),
      configure: (request) => this.configure(request),
      check: (request) => this.check(request),
      diff: (request) => this.diff(request),
      create: (request) => this.create(request),
      read: (request) => this.read(request),
      update: (request) => this.update(request),
      delete: (request) => this.delete(request),
      invoke: (request) => this.invoke(request),
      cancel: () => new emptyMessages.Empty(),
    };
    return Object.fromEntries(
      Object.keys(providerGrpc.ResourceProviderService).map((name) => [
        name,
        (call, callback) => {
          const answer = implemented[name];
          if (answer === undefined) {
            callback({ code: grpc.status.UNIMPLEMENTED, details: `${name} is not implemented` });
            return;
          }
          Promise.resolve()
            .then(() => answer(call.request))
            .then(
              (response) => callback(null, response),
              (error) => callback({ code: grpc.status.UNKNOWN, details: error.message, metadata: error.metadata }),
            );
        },
      ]),
    );
  }

  checkConfig(request) {
    const news = values(request.getNews());
    this.record("checkConfig", nameOf(request.getUrn()), { news });
    const response = new messages.CheckResponse();
    response.setInputs(request.getNews());
    if (plain(news.region) === "nowhere") {
      response.setFailuresList([failure({ property: "region", reason: "there is no region nowhere" })]);
    }
    return response;
  }

  diffConfig(request) {
    const [olds, news] = [values(request.getOldInputs()), values(request.getNews())];
    this.record("diffConfig", nameOf(request.getUrn()), { olds, news });
    const response = new messages.DiffResponse();
    const changed = changedKeys(olds, news);
    response.setChanges(changed.length > 0 ? 2 : 1);
    response.setDiffsList(changed);
    response.setReplacesList(changed.filter((key) => key === "region" && plain(news[key]) !== unknown));
    return response;
  }

  configure(request) {
    this.config = values(request.getArgs());
    this.record("configure", "", { args: this.config });
    if (plain(this.config.refuse) === "yes") {
      throw new Error("configured to refuse");
    }
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  }

  async check(request) {
    const [olds, news] = [values(request.getOlds()), values(request.getNews())];
    this.record("check", nameOf(request.getUrn()), { olds, news });
    const inputs = { ...news };
    if (plain(news.withDefault) === true) {
      inputs.size ??= olds.size ?? `size of ${nameOf(request.getUrn())}`;
    }
    if (news.say !== undefined) {
      await this.log(request.getUrn(), plain(news.say));
    }
    const response = new messages.CheckResponse();
    response.setInputs(struct(inputs));
    response.setFailuresList((plain(news.checkFailures) ?? []).map(failure));
    return response;
  }

  diff(request) {
    const [olds, news] = [values(request.getOldInputs()), values(request.getNews())];
    const name = nameOf(request.getUrn());
    this.record("diff", name, {
      id: request.getId(),
      olds: values(request.getOlds()),
      oldInputs: olds,
      news,
      ignoreChanges: request.getIgnorechangesList(),
    });
    const response = new messages.DiffResponse();
    const mode = plain(news.diffMode) ?? "detailed";
    const replaces = (key) =>
      key.startsWith("force") && (plain(news[key]) !== unknown || plain(news.forceUnknown) === true);
    const changed = changedKeys(olds, news);
    if (mode === "unknown") {
      return response;
    }
    response.setChanges(mode === "none" || changed.length === 0 ? 1 : 2);
    response.setDeletebeforereplace(plain(news.deleteFirst) === true);
    if (mode === "keys" || mode === "detailed") {
      response.setReplacesList(changed.filter(replaces));
      response.setDiffsList(changed);
    }
    if (mode === "detailed") {
      response.setHasdetaileddiff(true);
      for (const [path, kind] of detailed("", olds, news)) {
        const entry = new messages.PropertyDiff();
        entry.setKind(kind + (replaces(path) ? 1 : 0));
        entry.setInputdiff(true);
        response.getDetaileddiffMap().set(path, entry);
      }
    }
    return response;
  }

  async create(request) {
    const inputs = values(request.getProperties());
    const name = nameOf(request.getUrn());
    const isPreview = request.getPreview();
    this.record(isPreview ? "create in preview" : "create", name, { inputs, timeout: request.getTimeout() });
    const response = new messages.CreateResponse();
    if (isPreview) {
      response.setProperties(struct(outputsOf(inputs, true)));
      return response;
    }
    const waitsFor = plain(inputs.waitsFor);
    while (waitsFor !== undefined && !existsSync(join(this.directory, waitsFor))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const id = idOf(name, inputs);
    this.act("create", name, outputsOf(inputs, false));
    response.setId(id);
    response.setProperties(struct(outputsOf(inputs, false)));
    return response;
  }

  update(request) {
    const [olds, news] = [values(request.getOlds()), values(request.getNews())];
    const name = nameOf(request.getUrn());
    const isPreview = request.getPreview();
    this.record(isPreview ? "update in preview" : "update", name, {
      id: request.getId(),
      olds,
      oldInputs: values(request.getOldInputs()),
      news,
      timeout: request.getTimeout(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    if (!isPreview) {
      this.act("update", name, outputsOf(news, false));
    }
    const response = new messages.UpdateResponse();
    response.setProperties(struct(outputsOf(news, isPreview)));
    return response;
  }

  read(request) {
    const name = nameOf(request.getUrn());
    const id = request.getId();
    const [inputs, outputs] = [values(request.getInputs()), values(request.getProperties())];
    this.record("read", name, { id, inputs, outputs, timeout: request.getTimeout() });
    this.act("read", name, outputs);
    const { drift = {}, gone = [], existing = {} } = this.world();
    const response = new messages.ReadResponse();
    if (gone.includes(name)) {
      return response;
    }
    const isImport = Object.keys(inputs).length === 0 && Object.keys(outputs).length === 0;
    const found = isImport ? existing[id] : { inputs, outputs };
    if (found === undefined) {
      return response;
    }
    response.setId(id);
    response.setInputs(struct({ ...found.inputs, ...drift[name]?.inputs }));
    response.setProperties(struct({ ...found.outputs, ...drift[name]?.outputs }));
    return response;
  }

  delete(request) {
    const name = nameOf(request.getUrn());
    this.record("delete", name, {
      id: request.getId(),
      outputs: values(request.getProperties()),
      oldInputs: values(request.getOldInputs()),
      timeout: request.getTimeout(),
    });
    this.act("delete", name, {});
    return new emptyMessages.Empty();
  }

  invoke(request) {
    const token = request.getTok();
    const args = values(request.getArgs());
    this.record("invoke", token, { args, preview: request.getPreview() });
    const response = new messages.InvokeResponse();
    switch (token) {
      case "conf:index:echo":
        response.setReturn(struct({ ...args, region: this.config?.region ?? "none" }));
        return response;
      case "conf:index:refuse":
        response.setFailuresList([
          failure({ property: "a", reason: "a is too small" }),
          failure({ property: "b", reason: "b is missing" }),
        ]);
        return response;
      default:
        throw new Error(`there is no function ${token}`);
    }
  }

  /** Fails if the world says so; with an id, the resource is there all the same. */
  act(method, name, outputs) {
    const found = this.world().fail?.[name];
    if (found?.method !== method) {
      return;
    }
    const error = new Error(found.message ?? `${name}: ${method} failed`);
    if (found.id !== undefined) {
      const detail = new messages.ErrorResourceInitFailed();
      detail.setId(found.id);
      detail.setProperties(struct({ ...outputs, half: true }));
      detail.setReasonsList(found.reasons ?? []);
      if (found.inputs !== undefined) {
        detail.setInputs(struct(found.inputs));
      }
      const packed = new anyMessages.Any();
      packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
      const status = new statusMessages.Status();
      status.setCode(grpc.status.UNKNOWN);
      status.setMessage(error.message);
      status.addDetails(packed);
      error.metadata = new grpc.Metadata();
      error.metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    }
    throw error;
  }

  async log(urn, message) {
    const request = new engineMessages.LogRequest();
    request.setSeverity(engineMessages.LogSeverity.INFO);
    request.setUrn(urn);
    request.setMessage(message);
    const client = new engineGrpc.EngineClient(this.engineAddress, grpc.credentials.createInsecure());
    await new Promise((resolve, reject) => {
      client.log(request, (error) => (error === null ? resolve() : reject(error)));
    });
    client.close();
  }
}

function idOf(name, inputs) {
  const force = Object.keys(inputs)
    .filter((key) => key.startsWith("force") && typeof plain(inputs[key]) === "string")
    .map((key) => `-${plain(inputs[key])}`);
  return `id-${name}${force.join("")}`;
}

function outputsOf(inputs, isPreview) {
  const outputs = Object.fromEntries(Object.entries(inputs).filter(([key]) => !controls.includes(key)));
  const value = plain(inputs.value);
  outputs.out = isPreview ? unknown : `out-${value === undefined ? "" : JSON.stringify(value)}`;
  if (plain(inputs.secretOut) === true) {
    outputs.token = { [signature]: secretSignature, value: `token of ${String(value)}` };
  }
  return outputs;
}

function changedKeys(olds, news) {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter((key) => !controls.includes(key) && JSON.stringify(olds[key]) !== JSON.stringify(news[key]))
    .sort();
}

/** Paths that differ, with the kind of change: 0 added, 2 deleted, 4 updated. */
function detailed(prefix, old, current) {
  const [a, b] = [plain(old), plain(current)];
  if (JSON.stringify(a) === JSON.stringify(b)) {
    return [];
  }
  const isArray = Array.isArray(a) && Array.isArray(b);
  if (!isArray && !(isObject(a) && isObject(b))) {
    return [[prefix, a === undefined ? 0 : b === undefined ? 2 : 4]];
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => prefix !== "" || !controls.includes(key),
  );
  return keys.flatMap((key) => detailed(join1(prefix, key, isArray), a[key], b[key]));
}

function join1(prefix, key, isIndex) {
  if (isIndex) {
    return `${prefix}[${key}]`;
  }
  if (!/^[A-Za-z_][\w]*$/.test(key)) {
    return `${prefix}["${key}"]`;
  }
  return prefix === "" ? key : `${prefix}.${key}`;
}

/** A value without secrets. */
function plain(value) {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (isObject(value)) {
    return value[signature] === secretSignature
      ? plain(value.value)
      : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
  }
  return value;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function failure({ property, reason }) {
  const message = new messages.CheckFailure();
  message.setProperty(property);
  message.setReason(reason);
  return message;
}

function nameOf(urn) {
  return urn.split("::").slice(3).join("::");
}

function values(message) {
  return message?.toJavaScript() ?? {};
}

function struct(object) {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(object)));
}

module.exports = { serve };
