/**
 * The provider plugin's process: serves Pulumi's provider protocol on a free port of this machine and says the port in
 * the first line of its output. Pulumi gives its own address as the last argument and ends the process by itself.
 */

import "./withoutLocales.js";

import { readFile } from "node:fs/promises";
import path from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { requireEngine } from "./context.js";
import { packageDirectory } from "./packageDirectory.js";
import { engineLog } from "./pluginLog.js";
import { pluginService } from "./pluginServer.js";

/** Pulumi's own limit: a stack's resources fit in one message. */
const maxMessageBytes = 400 * 1024 * 1024;

async function serve(engineAddress: string | undefined): Promise<number> {
  const directory = packageDirectory();
  const { version } = JSON.parse(await readFile(path.join(directory, "package.json"), "utf8")) as {
    version: string;
  };
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(
    ResourceProviderService,
    pluginService({
      version,
      readSchema: () => readFile(path.join(directory, "schema.json"), "utf8"),
      log: (redact) => engineLog(engineAddress, redact),
      env: process.env,
      beforeWrite: () => requireEngine(engineAddress),
      engineAddress,
    }),
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

serve(process.argv[2]).then(
  (port) => console.log(port),
  (error: unknown) => {
    console.error(
      `siterecovery: the provider could not be started: ${error instanceof Error ? error.message : error}`,
    );
    process.exitCode = 1;
  },
);
