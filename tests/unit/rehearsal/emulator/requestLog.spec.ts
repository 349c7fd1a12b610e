import { expect } from "chai";
import { RequestLog, withoutSecrets } from "../../../../rehearsal/emulator/requestLog.js";

describe("withoutSecrets", () => {
  it("replaces the value of every property named like a secret, at any depth, and nothing else", () => {
    const body = {
      properties: {
        osProfile: { adminUsername: "shop", adminPassword: "pw" },
        list: [{ clientSecret: "s", name: "kept" }],
        pfx: "p",
        accessToken: { nested: "t" },
        vmName: "token-server",
      },
    };
    expect(withoutSecrets(body)).to.deep.equal({
      properties: {
        osProfile: { adminUsername: "shop", adminPassword: "(removed)" },
        list: [{ clientSecret: "(removed)", name: "kept" }],
        pfx: "(removed)",
        accessToken: "(removed)",
        vmName: "token-server",
      },
    });
    expect(body.properties.osProfile.adminPassword).to.equal("pw");
  });
});

describe("RequestLog", () => {
  it("keeps the newest entries within its bound", () => {
    const log = new RequestLog(100);
    for (let index = 0; index < 1000; index++)
      log.add({ time: "", method: "GET", path: `/${index}`, query: "", status: 200 });
    expect(log.entries.length).to.be.within(75, 100);
    expect(log.entries.at(-1)?.path).to.equal("/999");
    expect(log.toText().trimEnd().split("\n")).to.have.length(log.entries.length);
  });
});
