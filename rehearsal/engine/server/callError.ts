import { status } from "@grpc/grpc-js";

/** An error that a call of a program ends with: the program gets code and message, and says what it says of it. */
export class CallError extends Error {
  override readonly name = "CallError";

  constructor(
    message: string,
    readonly code: status = status.UNKNOWN,
  ) {
    super(message);
  }
}
