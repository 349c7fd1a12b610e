import type * as pulumi from "@pulumi/pulumi";

/** A value, or an output of another resource, at any depth. */
export type InputOf<T> = pulumi.Input<
  T extends readonly (infer U)[] ? InputOf<U>[] : T extends object ? { [K in keyof T]: InputOf<T[K]> } : T
>;
