import { status } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import { expect } from "chai";
import any from "google-protobuf/google/protobuf/any_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { readFailure, writeFailure } from "../../../protocol/failure.js";
import { readProperties, writeProperties } from "../../../protocol/properties.js";

const typeName = "pulumirpc.ErrorResourceInitFailed";

describe("a resource that was made and is not as wanted", () => {
  it("is told so that Pulumi's own classes read it", () => {
    const details = writeFailure(status.UNKNOWN, "resource init failed", {
      id: "/vault/item",
      properties: writeProperties({ name: "app01" }),
      reasons: ["still replicating", "run it again"],
    });
    const read = statusMessages.Status.deserializeBinary(details);
    expect([read.getCode(), read.getMessage()]).to.deep.equal([status.UNKNOWN, "resource init failed"]);
    const failed = read.getDetailsList()[0]?.unpack(provider.ErrorResourceInitFailed.deserializeBinary, typeName);
    expect(failed?.getId()).to.equal("/vault/item");
    expect(failed?.getProperties()?.toJavaScript()).to.deep.equal({ name: "app01" });
    expect(failed?.getReasonsList()).to.deep.equal(["still replicating", "run it again"]);
    expect(failed?.hasInputs()).to.equal(false);
  });

  it("is read as Pulumi's own classes tell it, also beside other details", () => {
    const failed = new provider.ErrorResourceInitFailed();
    failed.setId("/vault/item");
    failed.setProperties(struct.Struct.fromJavaScript({ a: 1 }));
    failed.setInputs(struct.Struct.fromJavaScript({ b: 2 }));
    failed.setReasonsList(["r"]);
    const message = new statusMessages.Status();
    message.addDetails(packed(new provider.CheckFailure().serializeBinary(), "pulumirpc.CheckFailure"));
    message.addDetails(packed(failed.serializeBinary(), typeName));
    const read = readFailure(Buffer.from(message.serializeBinary()));
    expect(read?.id).to.equal("/vault/item");
    expect(read?.reasons).to.deep.equal(["r"]);
    expect(readProperties(read?.properties ?? Buffer.of(9))).to.deep.equal({ a: 1 });
    expect(readProperties(read?.inputs ?? Buffer.of(9))).to.deep.equal({ b: 2 });
  });

  it("is not what details of another kind tell", () => {
    const message = new statusMessages.Status();
    message.setCode(status.NOT_FOUND);
    expect(readFailure(Buffer.from(message.serializeBinary()))).to.equal(undefined);
  });
});

function packed(bytes: Uint8Array, name: string): any.Any {
  const detail = new any.Any();
  detail.pack(bytes, name);
  return detail;
}
