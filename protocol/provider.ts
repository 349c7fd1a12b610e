/**
 * What Pulumi's engine asks of a provider: the calls that ours answers, with the fields that one of the two sides uses.
 * Properties stay as they came, for `readProperties`.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */

import { byText, bytes, double, flag, many, message, one, type Read, text, texts, whole } from "./message.js";
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

const checkFailure = message({ property: [1, text], reason: [2, text] });
const checkRequest = message({
  urn: [1, text],
  olds: [2, bytes],
  news: [3, bytes],
  name: [6, text],
  type: [7, text],
});
const checkResponse = message({ inputs: [1, bytes], failures: [2, many(checkFailure)] });

const diffRequest = message({
  id: [1, text],
  urn: [2, text],
  // The outputs of before; what the inputs were stands below.
  olds: [3, bytes],
  news: [4, bytes],
  ignoreChanges: [5, texts],
  oldInputs: [6, bytes],
  name: [7, text],
  type: [8, text],
});
const propertyDiff = message({ kind: [1, whole], isInputDiff: [2, flag] });
const diffResponse = message({
  replaces: [1, texts],
  deleteBeforeReplace: [3, flag],
  changes: [4, whole],
  diffs: [5, texts],
  detailedDiff: [6, byText(one(propertyDiff))],
  hasDetailedDiff: [7, flag],
});

const configureRequest = message({
  variables: [1, byText(text)],
  args: [2, bytes],
  acceptSecrets: [3, flag],
  acceptResources: [4, flag],
  sendsOldInputs: [5, flag],
  sendsOldInputsToDelete: [6, flag],
  id: [7, text],
  urn: [8, text],
  name: [9, text],
  type: [10, text],
});
const configureResponse = message({
  acceptSecrets: [1, flag],
  supportsPreview: [2, flag],
  acceptResources: [3, flag],
  acceptOutputs: [4, flag],
});

const createRequest = message({
  urn: [1, text],
  properties: [2, bytes],
  // Seconds; 0 = the resource has no timeout of its own.
  timeout: [3, double],
  preview: [4, flag],
  name: [5, text],
  type: [6, text],
});
const createResponse = message({ id: [1, text], properties: [2, bytes] });

const updateRequest = message({
  id: [1, text],
  urn: [2, text],
  olds: [3, bytes],
  news: [4, bytes],
  timeout: [5, double],
  ignoreChanges: [6, texts],
  preview: [7, flag],
  oldInputs: [8, bytes],
  name: [9, text],
  type: [10, text],
});
const updateResponse = message({ properties: [1, bytes] });

const readRequest = message({
  id: [1, text],
  urn: [2, text],
  properties: [3, bytes],
  inputs: [4, bytes],
  name: [5, text],
  type: [6, text],
  timeout: [10, double],
});
const readResponse = message({ id: [1, text], properties: [2, bytes], inputs: [3, bytes] });

const deleteRequest = message({
  id: [1, text],
  urn: [2, text],
  properties: [3, bytes],
  timeout: [4, double],
  oldInputs: [5, bytes],
  name: [6, text],
  type: [7, text],
});

const invokeRequest = message({ token: [1, text], args: [2, bytes], preview: [7, flag] });
const invokeResponse = message({ result: [1, bytes], failures: [2, many(checkFailure)] });

const schemaRequest = message({ version: [1, whole] });
const schemaResponse = message({ schema: [1, text] });
const pluginInfo = message({ version: [1, text] });

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
