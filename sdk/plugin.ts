/** The same resources on the provider plugin, whatever the stack's configuration says: `pulumi-siterecovery/plugin`. */

import { useShell } from "./shell.js";

useShell("plugin");

export * from "./index.js";
