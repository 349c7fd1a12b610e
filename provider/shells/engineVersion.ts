/** Which engine runs this process. Pulumi has no call for it, but refuses what no version can meet by naming its own. */

/** How long the answer may take; what is not known in time is left out. */
const boundMs = 2_000;

/**
 * Name and version of the engine, such as `pulumi 3.260.0`; undefined where it does not tell.
 *
 * @param address `host:port` of the engine
 */
export async function engineVersion(address: string | undefined): Promise<string | undefined> {
  if (!address) return undefined;
  const { credentials } = await import("@grpc/grpc-js");
  const { EngineClient } = await import("@pulumi/pulumi/proto/engine_grpc_pb.js");
  const { default: engine } = await import("@pulumi/pulumi/proto/engine_pb.js");
  // The class is there since SDK 3.220.
  if (engine.RequirePulumiVersionRequest === undefined) return undefined;
  const request = new engine.RequirePulumiVersionRequest();
  request.setPulumiVersionRange(">=999999.0.0");
  const client = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  try {
    return await new Promise((resolve) => {
      const bound = setTimeout(() => resolve(undefined), boundMs);
      client.requirePulumiVersion(request, (error) => {
        clearTimeout(bound);
        const version = /\bversion v?(\d+\.\d+\.\d+\S*) does not satisfy/.exec(error?.details ?? "")?.[1];
        resolve(version === undefined ? undefined : `pulumi ${version}`);
      });
    });
  } finally {
    client.close();
  }
}
