/** The stacks that the Pulumi SDK writes for the promises of a resource. */

/** The SDK's function that keeps a stack with every promise. */
const writer = "debuggablePromise";

/**
 * Leaves out the stacks of promises that are made until the returned function is called, which has to be in the same
 * turn. The SDK writes a stack for every promise of a resource, four for each property, and shows them only where
 * promises leak and PULUMI_DEBUG_PROMISE_LEAKS is set. Translated through source maps, as the SDK's runner does it, they
 * were 40 % of the time of a program with 400 resources. All other stacks are written as ever.
 */
export function leaveOutPromiseStacks(): () => void {
  const write = Error.prepareStackTrace;
  if (write === undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return () => undefined;
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === writer ? String(error) : write(error, frames);
  return () => {
    Error.prepareStackTrace = write;
  };
}
