/**
 * The provider plugin's process: serves Pulumi's provider protocol on a free port of this machine and says the port in
 * the first line of its output. Pulumi gives its own address as the last argument and ends the process by itself.
 */

import "./withoutLocales.js";

import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { providerCalls } from "../../protocol/provider.js";
import { packageDirectory } from "./packageDirectory.js";

/** Pulumi's own limit: a stack's resources fit in one message. */
const maxMessageBytes = 400 * 1024 * 1024;

/** Loads what answers the calls. */
async function load(engineAddress: string | undefined): Promise<UntypedServiceImplementation> {
  const directory = packageDirectory();
  const { version } = JSON.parse(await readFile(path.join(directory, "package.json"), "utf8")) as {
    version: string;
  };
  const { requireEngine } = await import("./context.js");
  const { engineLog } = await import("./pluginLog.js");
  const { pluginService } = await import("./pluginServer.js");
  return pluginService({
    version,
    readSchema: () => readFile(path.join(directory, "schema.json"), "utf8"),
    log: (redact) => engineLog(engineAddress, redact),
    env: process.env,
    beforeWrite: () => requireEngine(engineAddress),
    engineAddress,
  });
}

type Answer = (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => void;

/** A service whose every call waits until the one that answers is loaded. */
function waitingFor(loaded: () => Promise<UntypedServiceImplementation>): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.keys(providerCalls).map((name): [string, Answer] => [
      name,
      (call, callback) => {
        loaded().then(
          (methods) => {
            const method = methods[name] as Answer | undefined;
            if (method) method(call, callback);
            else callback({ code: status.UNIMPLEMENTED, details: `siterecovery does not answer ${name}` });
          },
          (error: unknown) => callback({ code: status.INTERNAL, details: String(error) }),
        );
      },
    ]),
  );
}

/** The port comes first, so that the engine connects while the handlers load: they take longer than all before them. */
async function serve(engineAddress: string | undefined): Promise<void> {
  let loading: Promise<UntypedServiceImplementation> | undefined;
  const loaded = () => {
    loading ??= load(engineAddress);
    return loading;
  };
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(providerCalls, waitingFor(loaded));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  console.log(port);
  await loaded();
}

serve(process.argv[2]).catch((error: unknown) => {
  console.error(
    `siterecovery: the provider could not be started: ${error instanceof Error ? error.message : error}`,
  );
  process.exit(1);
});
