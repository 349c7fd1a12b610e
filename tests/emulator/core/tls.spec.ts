import { existsSync, readFileSync } from "node:fs";
import { get } from "node:https";
import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import { resourceGroup } from "./describeEmulator.js";

/** Status and body of a GET that trusts only the given certificate. */
function fetchTrusting(url: string, ca: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ...(ca !== undefined && { ca }) }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    }).on("error", reject);
  });
}

describe("an emulator with tls", () => {
  it("serves https that a client trusts by the certificate's file alone, under each loopback name", async () => {
    const emulator = await startEmulator({ tls: true });
    const file = emulator.certificatePath ?? "";
    try {
      expect(emulator.origin).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
      const ca = readFileSync(file, "utf8");
      for (const host of ["127.0.0.1", "localhost"]) {
        const answer = await fetchTrusting(
          `https://${host}:${emulator.port}${resourceGroup}/resources?$top=1&api-version=2021-04-01`,
          ca,
        );
        expect(answer).to.match(/^200 /);
        expect(answer).to.contain(`https://${host}:${emulator.port}`);
      }
      const refused = await fetchTrusting(`${emulator.origin}/_emulator/health`, undefined).catch(
        (error: Error) => error.message,
      );
      expect(refused).to.match(/self-signed certificate/);
    } finally {
      await emulator.stop();
    }
    expect(existsSync(file)).to.equal(false);
  });
});
