import { ChannelCredentials } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callback from "@pulumi/pulumi/proto/callback_pb.js";
import type { Message } from "google-protobuf";
import { channelOptions } from "../grpc.js";

/** Calls functions in the program, which serves them itself. */
export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  /** Answers the bytes of the message that the function returned. Rejects with what the program says is wrong. */
  async invoke(target: callback.Callback, message: Message): Promise<Uint8Array> {
    const request = new callback.CallbackInvokeRequest();
    request.setToken(target.getToken());
    request.setRequest(message.serializeBinary());
    const client = this.clientOf(target.getTarget());
    return await new Promise((resolve, reject) => {
      client.invoke(request, (error, response) => {
        if (error === null) {
          resolve(response.getResponse_asU8());
        } else {
          reject(new Error(`rpc error: code = Unknown desc = ${error.details}`));
        }
      });
    });
  }

  close(): void {
    for (const client of this.clients.values()) {
      client.close();
    }
  }

  private clientOf(address: string): CallbacksClient {
    let client = this.clients.get(address);
    if (client === undefined) {
      client = new CallbacksClient(address, ChannelCredentials.createInsecure(), channelOptions);
      this.clients.set(address, client);
    }
    return client;
  }
}
