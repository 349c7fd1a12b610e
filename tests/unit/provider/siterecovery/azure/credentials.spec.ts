import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { credentialFromEnvironment } from "../../../../../provider/siterecovery/azure/index.js";
import { InvalidInput } from "../../../../../provider/siterecovery/errors.js";

async function kind(env: Record<string, string>): Promise<string> {
  return (await credentialFromEnvironment(env, "public")).constructor.name;
}

async function refusal(env: Record<string, string>): Promise<string> {
  try {
    await credentialFromEnvironment(env, "public");
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
  }
  throw new Error("it was not refused");
}

const ids = {
  ARM_TENANT_ID: "11111111-2222-4333-8444-555555555555",
  ARM_CLIENT_ID: "66666666-2222-4333-8444-555555555555",
};

describe("credentialFromEnvironment", function () {
  // The identity library takes a moment to load.
  this.timeout(240_000);

  it("chooses as azure-native does: OIDC, certificate, secret, managed identity, then the default", async () => {
    const secret = { ...ids, ARM_CLIENT_SECRET: "s" };
    const certificate = { ...secret, ARM_CLIENT_CERTIFICATE_PATH: __filename };
    expect(await kind({ ...certificate, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN: "t" })).to.equal(
      "ClientAssertionCredential",
    );
    expect(await kind(certificate)).to.equal("ClientCertificateCredential");
    expect(await kind(secret)).to.equal("ClientSecretCredential");
    expect(await kind({ ARM_USE_MSI: "1" })).to.equal("ManagedIdentityCredential");
    expect(await kind({ ARM_USE_OIDC: "false" })).to.equal("DefaultAzureCredential");
  });

  it("names every missing variable at once and never shows a secret", async () => {
    const message = await refusal({ ARM_CLIENT_SECRET: "very-secret", ARM_USE_MSI: "maybe" });
    expect(message)
      .to.contain('ARM_USE_MSI: "maybe"')
      .and.to.contain("ARM_TENANT_ID is not set")
      .and.to.contain("ARM_CLIENT_ID is not set");
    expect(message).to.not.contain("very-secret");
  });

  it("says which sources an OIDC login may have, and asks for tokens over https only", async () => {
    expect(await refusal({ ...ids, ARM_USE_OIDC: "true" })).to.contain("ARM_OIDC_TOKEN_FILE_PATH");
    const message = await refusal({
      ...ids,
      ARM_USE_OIDC: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: "http://tokens.example",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-token",
    });
    expect(message).to.contain("is not an https address").and.to.not.contain("runner-token");
  });

  it("does not read an OIDC token file before a token is asked for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "oidc-"));
    try {
      const path = join(folder, "token");
      const credential = await credentialFromEnvironment(
        { ...ids, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN_FILE_PATH: path },
        "public",
      );
      expect(credential.constructor.name).to.equal("ClientAssertionCredential");
      await writeFile(path, "token");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
