import type { PropertyMap } from "../propertyValues.js";

/** A function that a program calls. */
export interface InvokeCall {
  token: string;
  args: PropertyMap;
  /** Provider reference `URN::ID`, "" for the default one. */
  provider: string;
  /** Of the provider that the program was written for; "" for any. */
  version: string;
}
