import { expect } from "chai";
import { changes, describeProject, errors } from "./fixture.js";

describeProject("the embedded engine, where the provider fails", (project) => {
  it("stores nothing of a create that failed, keeps the others, and creates it the next time", async () => {
    project().program({ resources: [{ name: "good" }, { name: "bad", opts: { dependsOn: ["good"] } }] });
    project().behave({ fail: { bad: { method: "create", message: "no room\nsecond line" } } });
    const summary = await project().up();
    expect(summary.result).to.equal("failed");
    expect(errors(summary)).to.equal("no room\nsecond line\nupdate failed");
    expect(summary.text).to.contain("**creating failed").and.to.contain("2 errored");
    expect(project().resource("good").id).to.equal("id-good-");
    expect(() => project().resource("bad")).to.throw("not in the state");
    project().behave({});
    expect(changes(await project().up())).to.deep.equal(["create bad"]);
  });

  it("keeps a partly made resource with its reasons, does not start its dependents, and repairs it by an update", async () => {
    project().program({
      resources: [
        { name: "a", args: { value: "1" } },
        { name: "b", args: { value: { $ref: "a.out" } } },
      ],
    });
    project().behave({
      fail: { a: { method: "create", id: "half-1", reasons: ["first", "second\nwith a line"] } },
    });
    const summary = await project().up();
    expect(errors(summary)).to.contain("2 errors occurred:\n\t* first\n\t* second\nwith a line");
    expect(project().resource("a")).to.deep.include({
      id: "half-1",
      initErrors: ["first", "second\nwith a line"],
    });
    expect(project().resource("a").outputs).to.include({ out: "half" });
    expect(
      project()
        .calls("create")
        .map(({ name }) => name),
    ).to.deep.equal(["a"]);
    project().behave({ diffs: { a: { changes: false } } });
    const repaired = await project().up();
    expect(changes(repaired)).to.deep.equal(["update a", "create b"]);
    expect(project().resource("a")).not.to.have.property("initErrors");
  });

  it("keeps all of a partly made resource, be it larger than a header may be, and every reason", async () => {
    const [large, reason] = ["é€".repeat(200_000), "r".repeat(100_000)];
    project().program({ resources: [{ name: "a", args: { large } }, { name: "b" }] });
    project().behave({ fail: { a: { method: "create", id: "half-1", reasons: [reason, "second"] } } });
    const summary = await project().up();
    expect(summary.result).to.equal("failed");
    expect(errors(summary)).to.contain("second");
    expect(project().resource("a").initErrors).to.deep.equal([reason, "second"]);
    expect(project().resource("a").outputs).to.include({ large, out: "half" });
  });

  it("tells all of a failure whose message is larger than a header may be", async () => {
    const message = `${"no room 100 % full ".repeat(20_000)}the end`;
    project().program({ resources: [{ name: "a" }] });
    project().behave({ fail: { a: { method: "create", message } } });
    expect(errors(await project().up())).to.contain(message);
  });

  it("never repairs a partly made resource that came without reasons, as long as diff sees nothing", async () => {
    project().program({ resources: [{ name: "a" }] });
    project().behave({ fail: { a: { method: "create", id: "half-1", reasons: [] } } });
    expect(errors(await project().up())).to.contain("resource init failed");
    expect(project().resource("a")).not.to.have.property("initErrors");
    project().behave({ diffs: { a: { changes: false } } });
    expect((await project().up()).changes).to.deep.equal({ same: 2 });
  });

  it("keeps old inputs and outputs where an update failed, old inputs and new outputs where it failed halfway", async () => {
    project().program({ resources: [{ name: "a", args: { value: "1" } }] });
    await project().up();
    project().program({ resources: [{ name: "a", args: { value: "2" } }] });
    project().behave({ fail: { a: { method: "update" } } });
    await project().up();
    expect(project().resource("a").inputs).to.include({ value: "1" });
    expect(project().resource("a").outputs).to.include({ value: "1", out: "out-1" });
    project().behave({ fail: { a: { method: "update", id: "id-a-1", reasons: ["halfway"] } } });
    await project().up();
    expect(project().resource("a").inputs).to.include({ value: "1" });
    expect(project().resource("a").outputs).to.include({ value: "2", out: "half" });
    expect(project().resource("a").initErrors).to.deep.equal(["halfway"]);
  });

  it("keeps a resource that could not be deleted, and what it depends on", async () => {
    project().program({
      resources: [
        { name: "a", args: { value: "1" } },
        { name: "b", args: { value: { $ref: "a.out" } } },
      ],
    });
    await project().up();
    project().behave({ fail: { b: { method: "delete", message: "still in use" } } });
    const summary = await project().destroy();
    expect(summary.result).to.equal("failed");
    expect(errors(summary)).to.contain("still in use");
    expect(
      project()
        .calls("delete")
        .map(({ name }) => name),
    ).to.deep.equal(["b"]);
    expect([project().resource("a").id, project().resource("b").id]).to.deep.equal(["id-a-1", "id-b-out-1"]);
  });
});

describeProject("the embedded engine, refreshing", (project) => {
  it("reads with the stored outputs, then asks diff, and never check", async () => {
    project().program({ resources: [{ name: "a", args: { value: "1" } }] });
    await project().up();
    project().forgetCalls();
    project().behave({ drift: { a: { value: "drifted" } } });
    const summary = await project().refresh();
    expect(changes(summary)).to.deep.equal(["update a"]);
    expect(
      project()
        .calls("read", "diff", "check")
        .map(({ method, props, olds, news }) => [method, props ?? olds, news]),
    ).to.deep.equal([
      ["read", { name: "a", value: "1", out: "out-1", extra: "extra text" }, undefined],
      ["diff", { name: "a", value: "drifted", out: "out-1", extra: "extra text" }, { name: "a", value: "1" }],
    ]);
    expect(project().resource("a").outputs).to.include({ value: "drifted" });
    expect(project().resource("a").inputs).to.include({ value: "1" });
  });

  it("keeps new outputs silently where diff sees no change", async () => {
    project().program({ resources: [{ name: "a" }] });
    await project().up();
    project().behave({ drift: { a: { extra: "other text" } } });
    const summary = await project().refresh();
    expect(summary.changes).to.deep.equal({ same: 2 });
    expect(project().resource("a").outputs).to.include({ extra: "other text" });
  });

  it("forgets what is gone, and what referred to it, and the next up creates it again", async () => {
    project().program({
      resources: [
        { name: "a", args: { value: "1" } },
        { name: "b", args: { value: { $ref: "a.out" } } },
      ],
    });
    await project().up();
    project().behave({ gone: ["a"] });
    expect((await project().deployment().previewRefresh()).changes).to.deep.equal({ same: 2, delete: 1 });
    expect((await project().refresh()).changes).to.deep.equal({ same: 2, delete: 1 });
    expect(project().resource("b")).not.to.have.property("dependencies");
    project().behave({});
    expect(changes(await project().up())).to.deep.equal(["create a"]);
  });

  it("clears the reasons of a partly made resource that it can read", async () => {
    project().program({ resources: [{ name: "a" }] });
    project().behave({ fail: { a: { method: "create", id: "half-1", reasons: ["not ready"] } } });
    await project().up();
    project().behave({});
    expect(errors(await project().refresh())).to.equal("");
    expect(project().resource("a")).not.to.have.property("initErrors");
  });

  it("fails and keeps the state where a read fails, and reads the others", async () => {
    project().program({ resources: [{ name: "a" }, { name: "b" }] });
    await project().up();
    project().behave({ fail: { a: { method: "read", message: "no answer" } }, drift: { b: { extra: "new" } } });
    const summary = await project().refresh();
    expect(summary.result).to.equal("failed");
    expect(errors(summary)).to.contain("no answer");
    expect(project().resource("a").outputs).to.include({ extra: "extra text" });
    expect(
      project()
        .calls("read")
        .map(({ name }) => name),
    ).to.have.members(["a", "b"]);
  });

  it("reads first and then updates with one process where up refreshes", async () => {
    project().program({ resources: [{ name: "a", args: { value: "1" } }] });
    await project().up();
    project().forgetCalls();
    project().behave({ drift: { a: { value: "drifted" } } });
    const summary = await project().up({ refresh: true });
    expect(changes(summary)).to.include("update a");
    expect(
      project()
        .calls("read", "check", "update")
        .map(({ method }) => method),
    ).to.deep.equal(["read", "check", "update"]);
    expect(
      new Set(
        project()
          .calls()
          .map(({ pid }) => pid),
      ).size,
    ).to.equal(1);
  });
});
