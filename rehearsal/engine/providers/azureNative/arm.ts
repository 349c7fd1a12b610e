import { EngineError } from "../../errors.js";
import { isObject, type PropertyMap, type PropertyValue } from "../../propertyValues.js";

/** ARM by plain requests. Only for an emulator on this machine: no token is ever sent. */
export class Arm {
  constructor(private readonly origin: string) {}

  /** The resource, or `undefined` where it is not there. */
  async get(path: string, apiVersion: string): Promise<PropertyMap | undefined> {
    const { status, body } = await this.send("GET", path, apiVersion);
    return status === 404 ? undefined : body;
  }

  async put(path: string, apiVersion: string, content: PropertyMap): Promise<PropertyMap> {
    const { status, body } = await this.send("PUT", path, apiVersion, content);
    if (body === undefined || status === 404) {
      throw new EngineError(failure("creating", path, status, body));
    }
    return body;
  }

  async delete(path: string, apiVersion: string): Promise<void> {
    await this.send("DELETE", path, apiVersion);
  }

  /** @throws {EngineError} with ARM's code and message for anything but success and 404. */
  private async send(
    method: string,
    path: string,
    apiVersion: string,
    content?: PropertyMap,
  ): Promise<{ status: number; body: PropertyMap | undefined }> {
    let answer: Response;
    try {
      answer = await fetch(`${this.origin}${path}?api-version=${apiVersion}`, {
        method,
        ...(content === undefined
          ? {}
          : { headers: { "content-type": "application/json" }, body: JSON.stringify(content) }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new EngineError(
        `nothing answers at ${this.origin} (${cause}): start the emulator, or set SITERECOVERY_ENDPOINT`,
      );
    }
    const text = await answer.text();
    const parsed = text === "" ? undefined : (JSON.parse(text) as PropertyValue);
    const body = isObject(parsed) ? parsed : undefined;
    if (!answer.ok && answer.status !== 404) {
      throw new EngineError(
        failure(
          method === "GET" ? "reading" : method === "PUT" ? "writing" : "deleting",
          path,
          answer.status,
          body,
        ),
      );
    }
    return { status: answer.status, body };
  }
}

function failure(doing: string, path: string, status: number, body: PropertyMap | undefined): string {
  const error = isObject(body?.error) ? body.error : {};
  return `${doing} ${path}: ${String(error.message ?? "no reason given")} (${status}, ${String(error.code ?? "no code")})`;
}
