/**
 * What a provider tells Pulumi's engine.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/engine.proto
 */

import { flag, message, text, whole } from "./message.js";
import { call, nothing } from "./service.js";

/** How a line is shown, each by its place. */
export const logSeverities = { debug: 0, info: 1, warning: 2, error: 3 } as const;

const logRequest = message("LogRequest", {
  severity: whole(1),
  message: text(2),
  urn: text(3),
  // The next line of the resource takes this one's place, where the display can do that.
  ephemeral: flag(5),
});

/** Shows a line on a resource. */
export const log = call("/pulumirpc.Engine/Log", logRequest, nothing);
