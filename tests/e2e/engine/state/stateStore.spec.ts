import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeSecret } from "../../../../rehearsal/engine/propertyValues.js";
import { acquireLock } from "../../../../rehearsal/engine/state/lock.js";
import type { ResourceState } from "../../../../rehearsal/engine/state/resourceState.js";
import { StateStore } from "../../../../rehearsal/engine/state/stateStore.js";

const urn = (name: string) => `urn:pulumi:dev::p::t:i:T::${name}`;

function state(name: string, fields: Partial<ResourceState> = {}): ResourceState {
  return { urn: urn(name), custom: true, id: `id-${name}`, type: "t:i:T", inputs: { v: name }, ...fields };
}

describe("StateStore", function () {
  this.timeout(120_000);
  let directory = "";
  let path = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "state-"));
    path = join(directory, "dev.json");
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const open = (mayWrite = true) => StateStore.open({ path, stack: "dev", passphrase: "x" }, mayWrite);
  const names = (store: StateStore) =>
    store.current().map((item) => `${item.urn.split("::").at(-1)}${item.delete === true ? " deleted" : ""}`);

  /** Opens what a process leaves that dies at this instant. */
  async function afterDeath(): Promise<StateStore> {
    const copy = mkdtempSync(join(directory, "dead-"));
    for (const file of ["dev.json", "dev.json.journal"]) {
      if (existsSync(join(directory, file))) {
        copyFileSync(join(directory, file), join(copy, file));
      }
    }
    return await StateStore.open({ path: join(copy, "dev.json"), stack: "dev", passphrase: "x" }, true);
  }

  it("opens at any instant with everything that was said to be stored", async () => {
    const first = await open();
    await first.add(state("a", { inputs: { v: makeSecret("hidden") } }));
    await first.add(state("b", { dependencies: [urn("a")] }));
    first.close();
    const store = await open();
    const [a, b] = store.base;
    if (a === undefined || b === undefined) {
      throw new Error("two resources were stored");
    }
    const operation = await store.begin("creating", state("c"));
    expect((await afterDeath()).interrupted.map(({ resource, type }) => `${type} ${resource.urn}`)).to.deep.equal([
      `creating ${urn("c")}`,
    ]);
    await store.add(state("c"), undefined, operation);
    const afterAdd = await afterDeath();
    expect([names(afterAdd), afterAdd.interrupted]).to.deep.equal([["c", "a", "b"], []]);
    store.keep(a);
    await store.addBeside(state("b", { id: "new" }), b, { ...b, delete: true });
    expect(names(await afterDeath())).to.deep.equal(["c", "a", "b", "b deleted"]);
    await store.remove(b);
    expect(names(await afterDeath())).to.deep.equal(["c", "a", "b"]);
    const component = state("group", { custom: false });
    await store.add(component);
    await store.set(component, { ...component, outputs: { x: "y" } });
    expect((await afterDeath()).current().at(-1)?.outputs).to.deep.equal({ x: "y" });
    expect(readFileSync(`${path}.journal`, "utf8") + readFileSync(path, "utf8")).not.to.contain("hidden");
    store.close();
    expect(existsSync(`${path}.journal`)).to.equal(false);
    expect((await open()).current().find((item) => item.urn === urn("a"))?.inputs).to.deep.equal({
      v: makeSecret("hidden"),
    });
  });

  it("ignores the rest of a line that was cut, and a journal whose content is in the file already", async () => {
    const store = await open();
    await store.add(state("a"));
    appendFileSync(`${path}.journal`, '{"kind":"add","resource":{"ur');
    expect(names(await afterDeath())).to.deep.equal(["a"]);
    const journal = readFileSync(`${path}.journal`);
    store.close();
    writeFileSync(`${path}.journal`, journal);
    expect(names(await open())).to.deep.equal(["a"]);
  });

  it("changes nothing on the disk for a preview, and leaves an unchanged file as it is", async () => {
    const store = await open();
    await store.add(state("a"));
    const beforePreview = readFileSync(`${path}.journal`, "utf8");
    const preview = await open(false);
    expect(names(preview)).to.deep.equal(["a"]);
    preview.close();
    expect(readFileSync(`${path}.journal`, "utf8")).to.equal(beforePreview);
    store.close();
    const text = readFileSync(path, "utf8");
    const unchanged = await open();
    unchanged.keep(unchanged.base[0] as ResourceState);
    unchanged.close();
    expect(readFileSync(path, "utf8")).to.equal(text);
  });

  it("renames what refers to a resource that took another URN", async () => {
    const first = await open();
    await first.add(state("a"));
    await first.add(
      state("b", { dependencies: [urn("a")], propertyDependencies: { v: [urn("a")] }, parent: urn("a") }),
    );
    first.close();
    const store = await open();
    await store.add(state("renamed"), store.base[0]);
    for (const opened of [store, await afterDeath()]) {
      expect(opened.current().at(-1)).to.deep.include({
        parent: urn("renamed"),
        dependencies: [urn("renamed")],
        propertyDependencies: { v: [urn("renamed")] },
      });
    }
    store.close();
  });

  it("writes a thousand parallel steps with far fewer syncs than steps", async () => {
    const store = await open();
    const started = Date.now();
    await Promise.all(Array.from({ length: 1000 }, (_, i) => store.add(state(`r${i}`))));
    expect(names(await afterDeath())).to.have.length(1000);
    expect(Date.now() - started).to.be.lessThan(10_000);
    store.close();
  });

  it("refuses a file that it cannot work on, with all that is wrong", async () => {
    const resources = [
      { ...state("a"), id: "" },
      { ...state("b"), urn: "urn:pulumi:prod::p::t:i:T::b" },
      { ...state("c"), parent: urn("later") },
      { ...state("d"), taint: true },
      state("e"),
      state("e"),
    ];
    writeFileSync(path, JSON.stringify({ version: 3, deployment: { manifest: {}, resources } }));
    const message = await open().then(
      () => "",
      (error: Error) => error.message,
    );
    for (const part of [
      "::a has no id",
      'belongs to stack "prod"',
      "comes before its parent",
      "uses pulumi state taint",
      "is there twice",
    ]) {
      expect(message).to.contain(part);
    }
    writeFileSync(path, '{"version": 4, "deployment": {}}');
    expect(
      await open().then(
        () => "",
        (error: Error) => error.message,
      ),
    ).to.contain("its version is 4");
  });
});

describe("acquireLock", () => {
  it("is held by one, released, and taken over from a process that is dead", () => {
    const directory = mkdtempSync(join(tmpdir(), "lock-"));
    const path = join(directory, "dev.lock");
    try {
      const lock = acquireLock(path, "first");
      expect(lock.takenOver).to.equal(undefined);
      expect(() => acquireLock(path, "second"))
        .to.throw('"first"')
        .with.property("message")
        .that.contains(`process ${process.pid}`);
      lock.release();
      writeFileSync(path, JSON.stringify({ pid: 2 ** 30, command: "gone", since: "then" }));
      const second = acquireLock(path, "second");
      expect(second.takenOver).to.contain('"gone"');
      second.release();
      writeFileSync(path, '{"pid": 1');
      expect(acquireLock(path, "third").takenOver).to.contain("did not finish writing");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
