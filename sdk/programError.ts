/** Errors that end a program with their message alone. */

import * as pulumi from "@pulumi/pulumi";

/**
 * An error of which Pulumi shows the message and no stack. It has none either: Pulumi colours every stack for its traces
 * all the same, and where that is of several lines with files below node_modules Node takes a minute for it (measured).
 */
export function programError(message: string): pulumi.RunError {
  return Object.assign(new pulumi.RunError(message), { stack: "" });
}
