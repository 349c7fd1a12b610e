import { expect } from "chai";
import { isLoopbackUrl, rehearsalEnvironment } from "../../../../../rehearsal/engine/project/environment.js";

describe("rehearsalEnvironment", () => {
  it("keeps everything but credentials, passphrases and tokens", () => {
    const environment = rehearsalEnvironment(
      {
        PATH: "p",
        ARM_CLIENT_SECRET: "s",
        AZURE_TENANT_ID: "t",
        PULUMI_CONFIG_PASSPHRASE: "x",
        PULUMI_ACCESS_TOKEN: "y",
        SITERECOVERY_ENDPOINT: "http://127.0.0.1:8",
      },
      [],
    );
    expect(environment).to.deep.equal({ PATH: "p", SITERECOVERY_ENDPOINT: "http://127.0.0.1:8" });
  });

  it("points nowhere where no endpoint is named, so that nothing finds Azure by default", () => {
    const environment = rehearsalEnvironment({}, []);
    expect(isLoopbackUrl(environment.SITERECOVERY_ENDPOINT ?? "")).to.equal(true);
    expect(rehearsalEnvironment({}, [{ source: "config", value: "http://localhost:9" }])).to.deep.equal({});
  });

  it("refuses an endpoint elsewhere, naming where it comes from", () => {
    expect(() => rehearsalEnvironment({ SITERECOVERY_ENDPOINT: "https://management.azure.com" }, [])).to.throw(
      'SITERECOVERY_ENDPOINT is "https://management.azure.com", which is not on this machine',
    );
    expect(() => rehearsalEnvironment({}, [{ source: "the state's x", value: "http://example.org" }])).to.throw(
      "the state's x",
    );
  });
});

describe("isLoopbackUrl", () => {
  it("is true for this machine only", () => {
    for (const url of ["http://localhost:1", "https://127.0.0.1", "http://127.9.8.7:80/x", "http://[::1]:5"]) {
      expect(isLoopbackUrl(url), url).to.equal(true);
    }
    for (const url of [
      "http://localhost.example.org",
      "http://128.0.0.1",
      "ftp://localhost",
      "127.0.0.1",
      "http://127.0.0.1.nip.io",
      "http://user@10.0.0.1",
      "",
    ]) {
      expect(isLoopbackUrl(url), url).to.equal(false);
    }
  });
});
