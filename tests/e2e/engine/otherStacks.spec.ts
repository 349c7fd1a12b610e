import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { unwrapSecrets } from "../../../rehearsal/engine/propertyValues.js";
import { readStackOutputs, type Surroundings } from "../../../rehearsal/engine/state/otherStacks.js";
import { StateStore } from "../../../rehearsal/engine/state/stateStore.js";

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const signatureKey = "4dabf18193072939515e22adb298388d";

describe("readStackOutputs", () => {
  let root = "";
  const path = (...names: string[]): string => join(root, ...names);
  const write = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), content);
  };
  const from = (environment: NodeJS.ProcessEnv = {}): Surroundings => ({
    project: "shop",
    projectDirectory: path("shop"),
    stack: "dev",
    statePath: path("shop", ".rehearsal", "dev.json"),
    environment: { PULUMI_CONFIG_PASSPHRASE: "right", ...environment },
  });
  const stackState = (project: string, stack: string, outputs: object): object => ({
    urn: `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`,
    custom: false,
    type: "pulumi:pulumi:Stack",
    outputs,
  });
  const rehearsed = (project: string, stack: string, outputs: object): void =>
    write(
      `${project}/.rehearsal/${stack}.json`,
      JSON.stringify({ version: 3, deployment: { resources: [stackState(project, stack, outputs)] } }),
    );
  const checkpoint = (project: string, stack: string, outputs: object): string =>
    JSON.stringify({ version: 3, checkpoint: { latest: { resources: [stackState(project, stack, outputs)] } } });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "stacks-"));
    write("shop/Pulumi.yaml", "name: shop\nruntime: nodejs\n");
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it("finds a stack of the same project by every form of its name, in whatever organization", async () => {
    rehearsed("shop", "net", { a: 1 });
    for (const name of ["net", "organization/net", "acme/shop/net"]) {
      expect(await readStackOutputs(name, from()), name).to.deep.equal({
        outputs: { a: 1 },
        hasHiddenSecrets: false,
      });
    }
  });

  it("finds a stack of a project that lies beside this one, whatever its directory is called", async () => {
    write("elsewhere/Pulumi.yaml", "name: network\nruntime: yaml\n");
    rehearsed("elsewhere", "prod", {});
    write(
      "elsewhere/.rehearsal/prod.json",
      JSON.stringify({ version: 3, deployment: { resources: [stackState("network", "prod", { b: [2] })] } }),
    );
    expect((await readStackOutputs("acme/network/prod", from())).outputs).to.deep.equal({ b: [2] });
  });

  it("finds a stack in a backend of files, compressed or not, after what was rehearsed", async () => {
    const environment = { PULUMI_BACKEND_URL: `file://${path("backend")}` };
    write("backend/.pulumi/stacks/network/prod.json", checkpoint("network", "prod", { c: 3 }));
    write("backend/.pulumi/stacks/shop/test.json.gz", gzipSync(checkpoint("shop", "test", { d: 4 })));
    write("backend/.pulumi/stacks/shop/net.json", checkpoint("shop", "net", { e: "of the backend" }));
    rehearsed("shop", "net", { e: "rehearsed" });
    expect((await readStackOutputs("acme/network/prod", from(environment))).outputs).to.deep.equal({ c: 3 });
    expect((await readStackOutputs("test", from(environment))).outputs).to.deep.equal({ d: 4 });
    expect((await readStackOutputs("net", from(environment))).outputs).to.deep.equal({ e: "rehearsed" });
  });

  it("decrypts secrets, and leaves those empty whose passphrase is another", async () => {
    const statePath = path("shop", ".rehearsal", "net.json");
    mkdirSync(dirname(statePath));
    const store = await StateStore.open({ path: statePath, stack: "net", passphrase: "right" }, true);
    await store.add({
      urn: "urn:pulumi:net::shop::pulumi:pulumi:Stack::shop-net",
      custom: false,
      type: "pulumi:pulumi:Stack",
      outputs: { key: { [signatureKey]: secretSignature, value: "canary" }, open: 1 },
    });
    store.close();
    const { outputs } = await readStackOutputs("net", from());
    expect(outputs.key).to.have.property(signatureKey, secretSignature);
    expect(unwrapSecrets(outputs)).to.deep.equal({ key: "canary", open: 1 });
    const hidden = await readStackOutputs("net", from({ PULUMI_CONFIG_PASSPHRASE: "wrong" }));
    expect(hidden.hasHiddenSecrets).to.equal(true);
    expect(hidden.outputs.key).to.have.property(signatureKey, secretSignature);
    expect(unwrapSecrets(hidden.outputs)).to.deep.equal({ key: {}, open: 1 });
  });

  it("names every place where a stack would be that is not there", async () => {
    const error: unknown = await readStackOutputs(
      "none",
      from({ PULUMI_BACKEND_URL: `file://${path("backend")}` }),
    ).catch((e: unknown) => e);
    expect(error).to.have.property("message").that.includes('unknown stack "none"');
    expect(error)
      .to.have.property("message")
      .that.includes(path("shop", ".rehearsal", "none.json"));
    expect(error)
      .to.have.property("message")
      .that.includes(path("backend", ".pulumi", "stacks", "shop", "none.json"));
  });

  it("refuses what is no name of a stack before it touches a file", async () => {
    for (const name of ["", "a/b/c/d", "acme/../dev", "acme/shop/", "acme/shop/.."]) {
      const error: unknown = await readStackOutputs(name, from()).catch((e: unknown) => e);
      expect(error, name).to.have.property("message");
      expect(String((error as Error).message), name).to.include("is not the name of a stack");
    }
  });
});
