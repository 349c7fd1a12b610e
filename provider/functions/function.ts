/** What every function is made of: it reads a vault while a program runs, and changes nothing. */

import type { z } from "zod";
import type { CheckFailure, Context, Properties } from "../resources/handler.js";

export interface FunctionResult {
  result?: Properties;
  /** What is wrong with the arguments; then there is no result. */
  failures: CheckFailure[];
}

export interface FunctionHandler {
  /** The function's name. */
  readonly token: string;
  /** Shape of the arguments: the one source of types, defaults and failures. */
  readonly schema: z.ZodObject;
  /** @throws SiteRecoveryError where Azure does not answer or what is asked for is not there */
  call(context: Context, args: Properties): Promise<FunctionResult>;
}
