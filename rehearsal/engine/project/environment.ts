import { EngineError } from "../errors.js";
import { unwrapSecrets } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { isProviderType } from "../urn.js";
import type { StackConfig } from "./stackConfig.js";

/** The environment variable that names the endpoint of a rehearsal. */
export const endpointVariable = "SITERECOVERY_ENDPOINT";

/** The configuration key that does. */
export const endpointKey = "siterecovery:endpoint";

/** Nothing listens there: what is not told where to go must not find the way to Azure by default. */
const nowhere = "http://127.0.0.1:1";

/**
 * The environment for the program and the providers of a rehearsal: the user's, without Azure credentials and
 * without the passphrase, and with an endpoint that is on this machine.
 *
 * @param endpoints every endpoint that configuration names, with where it does.
 * @throws {EngineError} if an endpoint is not a loopback address.
 */
export function rehearsalEnvironment(
  environment: NodeJS.ProcessEnv,
  endpoints: readonly { source: string; value: string }[],
): NodeJS.ProcessEnv {
  const fromEnvironment = environment[endpointVariable];
  const all =
    fromEnvironment === undefined || fromEnvironment === ""
      ? [...endpoints]
      : [{ source: endpointVariable, value: fromEnvironment }, ...endpoints];
  for (const { source, value } of all) {
    if (!isLoopbackUrl(value)) {
      throw new EngineError(
        `${source} is "${value}", which is not on this machine. The embedded engine only rehearses: it accepts http or ` +
          "https on localhost, 127.0.0.0/8 or [::1]. For Azure itself use the Pulumi CLI",
      );
    }
  }
  const kept = Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(ARM_|AZURE_|PULUMI_CONFIG_PASSPHRASE|PULUMI_ACCESS_TOKEN)/i.test(name),
    ),
  );
  return all.length === 0 ? { ...kept, [endpointVariable]: nowhere } : kept;
}

/** True for an http or https address on this machine. */
export function isLoopbackUrl(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  return /^https?:$/.test(url.protocol) && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/** Every endpoint that the configuration, or the state of a stack, names. */
export function namedEndpoints(
  config: StackConfig,
  resources: readonly ResourceState[],
): { source: string; value: string }[] {
  const endpoints: { source: string; value: string }[] = [];
  const configured = config.get(endpointKey)?.value;
  if (configured !== undefined) {
    endpoints.push({ source: `configuration value ${endpointKey}`, value: configured });
  }
  // A refresh and a destroy use the configuration that the last update stored.
  for (const { inputs } of resources.filter(({ type }) => isProviderType(type))) {
    const stored = inputs?.[endpointKey];
    if (stored !== undefined) {
      endpoints.push({ source: `the state's ${endpointKey}`, value: String(unwrapSecrets(stored)) });
    }
  }
  return endpoints;
}
