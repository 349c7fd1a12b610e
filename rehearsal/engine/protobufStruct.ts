import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { PropertyMap } from "./propertyValues.js";

/** Properties as a protobuf Struct. Values are JSON already, so nothing is lost. */
export function toStruct(properties: PropertyMap): struct.Struct {
  return struct.Struct.fromJavaScript(properties);
}

/** A protobuf Struct as properties; an absent one is empty. */
export function fromStruct(message: struct.Struct | undefined): PropertyMap {
  return (message?.toJavaScript() ?? {}) as PropertyMap;
}
