import { expect } from "chai";
import { ProviderTable } from "../../../../../rehearsal/engine/providers/providerTable.js";
import type {
  ProviderContext,
  ResourceProvider,
  ResourceProviderHost,
} from "../../../../../rehearsal/engine/providers/resourceProviderHost.js";

function host(log: string[]): ResourceProviderHost {
  const unused = () => Promise.reject(new Error("not called here"));
  const provider: ResourceProvider = {
    supportsPreview: true,
    configure: async (inputs) => {
      log.push(`configure ${JSON.stringify(inputs)}`);
    },
    check: unused,
    diff: unused,
    create: unused,
    update: unused,
    read: unused,
    delete: unused,
    cancel: async () => {
      log.push("cancel");
    },
    close: async () => {
      log.push("close");
    },
  };
  return {
    packageName: "acme",
    start: async () => {
      log.push("start");
      return provider;
    },
  };
}

const context = (): ProviderContext => ({
  programDirectory: ".",
  project: "p",
  engineAddress: "",
  environment: {},
  onOutput: () => undefined,
});

describe("ProviderTable", () => {
  it("starts a process for each use, the first one ahead of it, and ends each with a cancel", async () => {
    const log: string[] = [];
    const table = new ProviderTable([host(log)], context);
    table.warmUp("acme");
    table.warmUp("unheard-of");
    await table.load("acme");
    expect(log).to.deep.equal(["start"]);
    await table.load("acme");
    expect(log).to.deep.equal(["start", "start"]);
    await table.close();
    expect(log).to.deep.equal(["start", "start", "cancel", "cancel", "close", "close"]);
  });

  it("refuses a type by its name and says what there is", async () => {
    const table = new ProviderTable([host([])], context);
    expect(table.refusal("acme:index:Thing")).to.equal(undefined);
    expect(table.refusal("aws:s3/bucket:Bucket"))
      .to.contain("resource type aws:s3/bucket:Bucket")
      .and.to.contain('no provider for package "aws" (it has "acme")');
    expect(table.refusal("aws:s3:getBucket", "function")).to.contain("function aws:s3:getBucket");
    expect(
      await table.load("aws").then(
        () => "",
        (error: Error) => error.message,
      ),
    ).to.contain('"aws"');
  });
});
