/**
 * What Pulumi's engine asks of a provider: the calls that ours answers, with the fields that one of the two sides uses.
 * Properties stay as they came, for `readProperties`.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */

import {
  bytes,
  double,
  flag,
  many,
  manyByText,
  message,
  type Read,
  text,
  texts,
  textsByText,
  whole,
} from "./message.js";
import { call, nothing } from "./service.js";

/** What `changes` of a diff may be, each by its place. */
export const diffChanges = { unknown: 0, none: 1, some: 2 } as const;
/** What may become of a property, each by its place: without and with a replacement of the resource. */
export const propertyDiffKinds = {
  add: 0,
  addReplace: 1,
  delete: 2,
  deleteReplace: 3,
  update: 4,
  updateReplace: 5,
} as const;

const checkFailure = message("CheckFailure", { property: text(1), reason: text(2) });
const checkRequest = message("CheckRequest", {
  urn: text(1),
  olds: bytes(2),
  news: bytes(3),
  name: text(6),
  type: text(7),
});
const checkResponse = message("CheckResponse", { inputs: bytes(1), failures: many(2, checkFailure) });

const diffRequest = message("DiffRequest", {
  id: text(1),
  urn: text(2),
  // The outputs of before; what the inputs were stands below.
  olds: bytes(3),
  news: bytes(4),
  ignoreChanges: texts(5),
  oldInputs: bytes(6),
  name: text(7),
  type: text(8),
});
const propertyDiff = message("PropertyDiff", { kind: whole(1), isInputDiff: flag(2) });
const diffResponse = message("DiffResponse", {
  replaces: texts(1),
  deleteBeforeReplace: flag(3),
  changes: whole(4),
  diffs: texts(5),
  detailedDiff: manyByText(6, propertyDiff),
  hasDetailedDiff: flag(7),
});

const configureRequest = message("ConfigureRequest", {
  variables: textsByText(1),
  args: bytes(2),
  acceptSecrets: flag(3),
  acceptResources: flag(4),
  sendsOldInputs: flag(5),
  sendsOldInputsToDelete: flag(6),
  id: text(7),
  urn: text(8),
  name: text(9),
  type: text(10),
});
const configureResponse = message("ConfigureResponse", {
  acceptSecrets: flag(1),
  supportsPreview: flag(2),
  acceptResources: flag(3),
  acceptOutputs: flag(4),
});

const createRequest = message("CreateRequest", {
  urn: text(1),
  properties: bytes(2),
  // Seconds; 0 = the resource has no timeout of its own.
  timeout: double(3),
  preview: flag(4),
  name: text(5),
  type: text(6),
});
const createResponse = message("CreateResponse", { id: text(1), properties: bytes(2) });

const updateRequest = message("UpdateRequest", {
  id: text(1),
  urn: text(2),
  olds: bytes(3),
  news: bytes(4),
  timeout: double(5),
  ignoreChanges: texts(6),
  preview: flag(7),
  oldInputs: bytes(8),
  name: text(9),
  type: text(10),
});
const updateResponse = message("UpdateResponse", { properties: bytes(1) });

const readRequest = message("ReadRequest", {
  id: text(1),
  urn: text(2),
  properties: bytes(3),
  inputs: bytes(4),
  name: text(5),
  type: text(6),
  timeout: double(10),
});
const readResponse = message("ReadResponse", { id: text(1), properties: bytes(2), inputs: bytes(3) });

const deleteRequest = message("DeleteRequest", {
  id: text(1),
  urn: text(2),
  properties: bytes(3),
  timeout: double(4),
  oldInputs: bytes(5),
  name: text(6),
  type: text(7),
});

const invokeRequest = message("InvokeRequest", { token: text(1), args: bytes(2), preview: flag(7) });
const invokeResponse = message("InvokeResponse", { result: bytes(1), failures: many(2, checkFailure) });

const schemaRequest = message("GetSchemaRequest", { version: whole(1) });
const schemaResponse = message("GetSchemaResponse", { schema: text(1) });
const pluginInfo = message("PluginInfo", { version: text(1) });

const path = (name: string) => `/pulumirpc.ResourceProvider/${name}`;

/** The calls, by their names. */
export const providerCalls = {
  getPluginInfo: call(path("GetPluginInfo"), nothing, pluginInfo),
  getSchema: call(path("GetSchema"), schemaRequest, schemaResponse),
  checkConfig: call(path("CheckConfig"), checkRequest, checkResponse),
  diffConfig: call(path("DiffConfig"), diffRequest, diffResponse),
  configure: call(path("Configure"), configureRequest, configureResponse),
  check: call(path("Check"), checkRequest, checkResponse),
  diff: call(path("Diff"), diffRequest, diffResponse),
  create: call(path("Create"), createRequest, createResponse),
  update: call(path("Update"), updateRequest, updateResponse),
  read: call(path("Read"), readRequest, readResponse),
  delete: call(path("Delete"), deleteRequest, nothing),
  invoke: call(path("Invoke"), invokeRequest, invokeResponse),
  cancel: call(path("Cancel"), nothing, nothing),
};

export type CheckFailure = Read<typeof checkFailure>;
export type CheckRequest = Read<typeof checkRequest>;
export type CheckResponse = Read<typeof checkResponse>;
export type DiffRequest = Read<typeof diffRequest>;
export type DiffResponse = Read<typeof diffResponse>;
export type ConfigureRequest = Read<typeof configureRequest>;
export type ConfigureResponse = Read<typeof configureResponse>;
export type CreateRequest = Read<typeof createRequest>;
export type CreateResponse = Read<typeof createResponse>;
export type UpdateRequest = Read<typeof updateRequest>;
export type UpdateResponse = Read<typeof updateResponse>;
export type ReadRequest = Read<typeof readRequest>;
export type ReadResponse = Read<typeof readResponse>;
export type DeleteRequest = Read<typeof deleteRequest>;
export type InvokeRequest = Read<typeof invokeRequest>;
export type InvokeResponse = Read<typeof invokeResponse>;
