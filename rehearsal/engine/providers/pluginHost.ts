import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { preloadArguments } from "../project/preloads.js";
import type { PropertyMap } from "../propertyValues.js";
import { startGrpcProvider } from "./providerProcess.js";
import type { ProviderContext, ResourceProvider, ResourceProviderHost } from "./resourceProviderHost.js";

const packageName = "siterecovery";
const prefix = `${packageName}:`;

/** Serves the resources of our own provider plugin with its own process, started as the Pulumi CLI starts it. */
export const pluginHost: ResourceProviderHost = {
  packageName,

  /** As in Pulumi: the keys of the package's own namespace, without it. */
  defaultInputs(config: PropertyMap): PropertyMap {
    return Object.fromEntries(
      Object.entries(config).flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    );
  },

  async start(context: ProviderContext): Promise<ResourceProvider> {
    return await startGrpcProvider(
      {
        file: process.execPath,
        args: [...preloadArguments("largeHeaders"), pluginScript()],
        label: "the provider plugin",
      },
      context,
    );
  },
};

/** The compiled plugin: beside the compiled engine, and in `dist` where the engine runs from its sources. */
function pluginScript(): string {
  const place = ["provider", "shells", "plugin.js"];
  const root = resolve(__dirname, "..", "..", "..");
  const beside = resolve(root, ...place);
  return existsSync(beside) ? beside : resolve(root, "dist", ...place);
}
