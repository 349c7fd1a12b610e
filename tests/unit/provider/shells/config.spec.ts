import { expect } from "chai";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import {
  configurationError,
  type GivenConfig,
  ownConfig,
  readSettings,
} from "../../../../provider/shells/config.js";

const tenantId = "11111111-2222-4333-8444-555555555555";
const reasons = (given: GivenConfig, env: NodeJS.ProcessEnv = {}) =>
  readSettings(given, env).failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("reading the configuration", () => {
  it("names everything that is wrong at once: settings, credentials and environment", () => {
    const { failures } = readSettings(
      { pollIntervalSeconds: "soon", vautName: "v", cloud: "moon", clientCertificatePath: "/no/such.pem" },
      { ARM_USE_MSI: "maybe" },
    );
    const { message } = configurationError(failures);
    for (const words of [
      'siterecovery:pollIntervalSeconds value "soon"',
      "siterecovery:vautName is not a setting of siterecovery (did you mean vaultName?); allowed: subscriptionId,",
      'siterecovery:cloud value "moon"',
      'ARM_USE_MSI: "maybe" is not true or false',
      "there is no file /no/such.pem",
      "ARM_TENANT_ID is not set",
      "ARM_CLIENT_ID is not set",
    ])
      expect(message).to.contain(words);
  });

  it("finds half a credential before anything is asked of Azure, and shows no secret", () => {
    const [reason, ...others] = reasons({ tenantId }, { ARM_CLIENT_SECRET: "canary" });
    expect(reason)
      .to.contain("ARM_CLIENT_ID is not set, and ARM_CLIENT_SECRET needs it")
      .and.not.to.contain("canary");
    expect(others).to.deep.equal([]);
    expect(reasons({ tenantId, clientId: tenantId }, { ARM_CLIENT_SECRET: "canary" })).to.deep.equal([]);
  });

  it("leaves the keys of a project that has the provider's own name to its program", () => {
    const env = { PULUMI_NODEJS_PROJECT: "siterecovery" };
    expect(reasons({ stage: "protected", vaultName: "v1" }, env)).to.deep.equal([]);
    expect(reasons({ stage: "protected", cloud: "moon", clientSecret: "canary" }, env)).to.have.length(2);
    expect(reasons({ stage: "protected" }, { PULUMI_NODEJS_PROJECT: "shop" })).to.have.length(1);
  });

  it("takes of a stack's configuration what has the provider's name before it", () => {
    expect(
      ownConfig({ "siterecovery:vaultName": "v1", "shop:vaultName": "v2", "siterecovery-drill:cloud": "china" }),
    ).to.deep.equal({ vaultName: "v1" });
  });

  it("does not miss what is given and was refused already", () => {
    const [reason, ...others] = reasons({ tenantId, clientId: "our-app" }, { ARM_CLIENT_SECRET: "canary" });
    expect(reason).to.contain('clientId: value "our-app" is not allowed; allowed: a GUID');
    expect(others).to.deep.equal([]);
  });

  it("misses no credential in a rehearsal, nor while a setting is not known yet", () => {
    const env = { ARM_CLIENT_SECRET: "canary" };
    expect(reasons({}, { ...env, SITERECOVERY_ENDPOINT: "http://127.0.0.1:4710" })).to.deep.equal([]);
    expect(reasons({ endpoint: "http://localhost:4710" }, env)).to.deep.equal([]);
    expect(reasons({ tenantId: unknownMarker }, env)).to.deep.equal([]);
  });
});
