import { createRequire } from "node:module";
import { join } from "node:path";
import { EngineError } from "../errors.js";
import { preloadArguments } from "../project/preloads.js";
import { startGrpcProvider } from "./providerProcess.js";
import type { ProviderContext, ResourceProvider, ResourceProviderHost } from "./resourceProviderHost.js";

/** The package of dynamic resources written in JavaScript or TypeScript. */
const dynamicPackage = "pulumi-nodejs";

/**
 * Serves dynamic resources with the SDK's own process for them, found from the program's directory, exactly as the
 * Pulumi CLI starts it.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
 */
export const dynamicProviderHost: ResourceProviderHost = {
  packageName: dynamicPackage,
  async start(context: ProviderContext): Promise<ResourceProvider> {
    const script = resolveSdkModule("cmd/dynamic-provider", context.programDirectory);
    return await startGrpcProvider(
      {
        file: process.execPath,
        args: [...preloadArguments("lazySdkModules", "largeHeaders"), script],
        label: "the dynamic provider",
      },
      context,
    );
  },
};

/**
 * Finds a module of the Pulumi SDK that a program uses.
 * @throws {EngineError} if the SDK is not installed where the program would look for it.
 */
export function resolveSdkModule(module: string, programDirectory: string): string {
  try {
    return createRequire(join(programDirectory, "index.js")).resolve(`@pulumi/pulumi/${module}`);
  } catch {
    throw new EngineError(
      `the Pulumi SDK is not installed in ${programDirectory} or above: run "npm install" there (it looks for @pulumi/pulumi)`,
    );
  }
}
