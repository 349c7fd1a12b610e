import { expect } from "chai";
import { mayFollow } from "../../../../../provider/siterecovery/azure/endpoint.js";
import {
  cloudSettings,
  connect,
  isLoopbackHost,
  parseEndpoint,
} from "../../../../../provider/siterecovery/azure/index.js";
import { InvalidInput } from "../../../../../provider/siterecovery/errors.js";

describe("parseEndpoint", () => {
  for (const [endpoint, isLoopback, isInsecure] of [
    ["https://management.azure.com", false, false],
    ["https://management.azure.com/", false, false],
    ["http://127.0.0.1:4711", true, true],
    ["http://127.1.2.3:80", true, true],
    ["http://localhost:1", true, true],
    ["http://[::1]:4711", true, true],
    ["https://localhost:1", true, false],
    // The URL standard reads these as 127.0.0.1.
    ["http://2130706433:1", true, true],
    ["http://127.1:1", true, true],
  ] as const) {
    it(`takes ${endpoint} as ${isLoopback ? "this machine" : "elsewhere"}`, () => {
      expect(parseEndpoint(endpoint)).to.include({ isLoopback, isInsecure });
      expect(parseEndpoint(endpoint).origin).to.not.match(/\/$/);
    });
  }

  for (const endpoint of [
    "http://management.azure.com",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://10.0.0.1",
    "http://0.0.0.0:4711",
    "http://[::ffff:10.0.0.1]",
  ]) {
    it(`refuses ${endpoint}, naming the host and what is allowed`, () => {
      expect(() => parseEndpoint(endpoint)).to.throw(InvalidInput, /is not a loopback address.*use https/);
    });
  }

  it("names every problem at once and shows no password", () => {
    expect(() => parseEndpoint("http://user:secret@10.0.0.1/path?x=1"))
      .to.throw(InvalidInput)
      .with.property("message")
      .that.matches(/loopback.*user name or password.*path.*query/)
      .and.does.not.contain("secret");
    expect(() => parseEndpoint("azure")).to.throw(InvalidInput, /"azure" is not an address/);
    expect(() => parseEndpoint("ftp://127.0.0.1")).to.throw(InvalidInput, /the scheme is "ftp"/);
  });
});

describe("mayFollow", () => {
  it("follows the same origin and, away from loopback, hosts below the endpoint's over https", () => {
    const azure = parseEndpoint("https://management.azure.com");
    expect(mayFollow(azure, "https://management.azure.com/x")).to.equal(true);
    expect(mayFollow(azure, "https://eastus.management.azure.com/x")).to.equal(true);
    for (const address of [
      "http://management.azure.com/x",
      "https://evilmanagement.azure.com",
      "https://azure.com",
      "x",
    ]) {
      expect(mayFollow(azure, address), address).to.equal(false);
    }
    expect(mayFollow(parseEndpoint("http://127.0.0.1:1"), "http://127.0.0.1:2/x")).to.equal(false);
  });
});

describe("isLoopbackHost", () => {
  it("is false for names that only begin like a loopback address", () => {
    expect(["127.0.0.1.example", "localhost.", "localhost.example", "::1"].map(isLoopbackHost)).to.deep.equal([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("cloudSettings", () => {
  it("knows three clouds by name and takes one by its addresses", () => {
    expect(cloudSettings("USGovernment").endpoint).to.equal("https://management.usgovcloudapi.net");
    expect(cloudSettings("china").authority).to.equal("https://login.chinacloudapi.cn");
    const own = {
      endpoint: "https://arm.local/",
      authority: "https://login.local",
      audience: "https://arm.local",
    };
    expect(cloudSettings(own).endpoint).to.equal("https://arm.local");
  });

  it("names the allowed clouds, and every address that is not https", () => {
    expect(() => cloudSettings("germany")).to.throw(
      InvalidInput,
      /"germany" is not known. Allowed: public, usgovernment, china/,
    );
    expect(() => cloudSettings({ endpoint: "http://a", authority: "https://b", audience: "" })).to.throw(
      InvalidInput,
      /cloud.endpoint: "http:\/\/a".*cloud.audience: ""/,
    );
  });
});

describe("connect", () => {
  it("names every problem of its options at once", () => {
    const options = {
      vault: { subscriptionId: "", resourceGroupName: "a/b", vaultName: "v" },
      endpoint: "http://example.com",
      credential: () => Promise.reject(new Error("never")),
      pollIntervalSeconds: -1,
      maxThrottleWaitSeconds: Number.NaN,
      beforeWrite: async () => {},
    };
    expect(() => connect(options)).to.throw(
      InvalidInput,
      /loopback.*vault.subscriptionId: "".*vault.resourceGroupName: "a\/b".*pollIntervalSeconds: -1.*maxThrottleWaitSeconds: NaN/,
    );
  });
});
