import { expect } from "chai";
import { changes, describeProject, errors } from "./fixture.js";

const item = (name: string, args: Record<string, unknown> = {}, opts?: Record<string, unknown>) => ({
  name,
  args,
  ...(opts === undefined ? {} : { opts }),
});

describeProject(
  "the embedded engine, creating and updating",
  (project) => {
    it("creates what the program registers, keeps it, and then finds nothing to do", async () => {
      project().program({
        resources: [item("a", { value: "1" }), item("b", { value: { $ref: "a.out" } })],
        outputs: { fromA: { $ref: "a.out" } },
      });
      const first = await project().up();
      expect(first.result).to.equal("succeeded");
      expect(first.changes).to.deep.equal({ create: 3 });
      expect(first.outputs).to.deep.equal({ fromA: "out-1" });
      expect(project().resource("b")).to.deep.include({
        id: "id-b-out-1",
        inputs: { __provider: 'exports.handler = () => require("./handler.js");', name: "b", value: "out-1" },
        dependencies: [project().resource("a").urn],
      });
      expect(project().resource("b").propertyDependencies).to.deep.equal({
        __provider: [],
        name: [],
        value: [project().resource("a").urn],
      });
      const before = project().stateText();
      const second = await project().up();
      expect(second.changes).to.deep.equal({ same: 3 });
      expect(project().calls("create")).to.have.length(2);
      expect(project().stateText()).to.equal(before);
    });

    it("calls only check and diff in a preview, and writes nothing", async () => {
      project().program({ resources: [item("a", { value: "1" }), item("b", { value: { $ref: "a.out" } })] });
      const preview = await project().preview();
      expect(changes(preview)).to.have.members(["create p-dev", "create a", "create b"]);
      expect(
        new Set(
          project()
            .calls()
            .map(({ method }) => method),
        ),
      ).to.deep.equal(new Set(["configure", "check"]));
      expect(() => project().stateText()).to.throw("ENOENT");
    });

    it("hands unknown values to check as the unknown marker, at any depth", async () => {
      project().program({
        resources: [item("a", { value: "1" }), item("b", { deep: { list: ["x", { $ref: "a.out" }] } })],
      });
      await project().preview();
      const check = project()
        .calls("check")
        .find(({ name }) => name === "b");
      expect(check?.news).to.deep.equal({
        name: "b",
        deep: { list: ["x", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"] },
      });
    });

    it("updates in place where the provider says so, and hands it the old outputs", async () => {
      project().program({ resources: [item("a", { value: "1" })] });
      await project().up();
      project().program({ resources: [item("a", { value: "2" })] });
      const preview = await project().preview();
      expect(changes(preview)).to.deep.equal(["update a"]);
      const summary = await project().up();
      expect(summary.changes).to.deep.equal({ same: 1, update: 1 });
      expect(project().calls("update")[0]).to.deep.include({
        id: "id-a-1",
        olds: { name: "a", value: "1", out: "out-1", extra: "extra text" },
      });
      expect(project().resource("a").outputs).to.include({ value: "2", out: "out-2" });
    });

    it("stores new inputs with old outputs where the provider sees no change", async () => {
      project().program({ resources: [item("a", { value: "1" })] });
      await project().up();
      project().behave({ computed: "seen by check only", diffs: { a: { changes: false } } });
      const summary = await project().up();
      expect(summary.changes).to.deep.equal({ same: 2 });
      expect(project().resource("a").inputs).to.include({ computed: "seen by check only" });
      expect(project().resource("a").outputs).not.to.have.property("computed");
    });

    it("compares inputs by itself where the provider leaves it open", async () => {
      project().program({ resources: [item("a", { value: "1" })] });
      project().behave({ diffs: { a: {} } });
      await project().up();
      expect((await project().preview()).changes).to.deep.equal({ same: 2 });
      project().program({ resources: [item("a", { value: "2" })] });
      expect(changes(await project().preview())).to.deep.equal(["update a"]);
    });

    it("deletes what the program no longer registers, dependents first", async () => {
      project().program({
        resources: [item("a", { value: "1" }), item("b", { value: { $ref: "a.out" } }), item("c")],
      });
      await project().up();
      project().program({ resources: [item("c")] });
      expect(changes(await project().preview())).to.deep.equal(["delete b", "delete a"]);
      await project().up();
      expect(
        project()
          .calls("delete", "deleted")
          .map(({ method, name }) => `${method} ${name}`),
      ).to.deep.equal(["delete b", "deleted b", "delete a", "deleted a"]);
      expect(
        project()
          .resources()
          .map(({ urn }) => urn.split("::").at(-1)),
      ).to.have.members(["p-dev", "default", "c"]);
    });

    it("lists every failure of check, and creates nothing", async () => {
      const failures = [
        { property: "value", reason: "is too small" },
        { property: "size.x", reason: "is missing" },
        { property: "", reason: "is odd" },
      ];
      project().program({ resources: [item("a", { value: "v", failures })] });
      const summary = await project().up();
      expect(summary.result).to.equal("failed");
      expect(errors(summary)).to.equal(
        [
          "pulumi-nodejs:dynamic/acme:Item resource 'a': property value value {v} has a problem: is too small",
          "pulumi-nodejs:dynamic/acme:Item resource 'a': property size.x value {<nil>} has a problem: is missing",
          "pulumi-nodejs:dynamic/acme:Item resource 'a' has a problem: is odd",
        ].join("\n"),
      );
      expect(project().calls("create")).to.deep.equal([]);
    });

    it("refuses two resources with one name", async () => {
      project().program({ resources: [item("a"), item("a")] });
      expect(errors(await project().preview()))
        .to.contain("Duplicate resource URN")
        .and.to.contain("::a'");
    });

    it("starts as many creates at once as it may, and no more", async () => {
      const resources = Array.from({ length: 6 }, (_, i) => item(`r${i}`));
      project().program({ resources });
      project().behave({ meetAt: 3 });
      const summary = await project().deployment({ parallel: 3 }).up();
      expect(summary.result).to.equal("succeeded");
      expect(
        Math.max(
          ...project()
            .calls("meet")
            .map(({ highest }) => Number(highest)),
        ),
      ).to.equal(3);
    });

    it("says what a program printed and logged, on the resource that it is about", async () => {
      project().program({
        resources: [item("a")],
        print: "printed line",
        logs: [
          { level: "warn", text: "mind the gap" },
          { level: "info", text: "first\nsecond", on: "a" },
          { level: "info", text: "only in passing", on: "a", ephemeral: true },
        ],
      });
      const summary = await project().preview();
      const diagnostics = summary.text.split("Diagnostics:")[1] ?? "";
      expect(diagnostics).to.contain("    warning: mind the gap").and.to.contain("    printed line");
      expect(summary.text).to.match(/Item \(a\):\n {4}first\n {4}second\n/);
      expect(summary.text).to.contain("Item a create only in passing");
      expect(diagnostics).not.to.contain("only in passing");
    });

    it("fails, and deletes nothing, where the program ends with a status other than 0", async () => {
      project().program({ resources: [item("a")] });
      await project().up();
      project().program({ resources: [], exits: 3 });
      const summary = await project().up();
      expect(summary.result).to.equal("failed");
      expect(errors(summary)).to.contain("Program exited with non-zero exit code: 3");
      expect(project().calls("delete")).to.deep.equal([]);
      expect(project().resource("a").id).to.equal("id-a-");
    });

    it("reads a resource by its id, in a preview too, and never deletes it", async () => {
      project().program({ resources: [{ name: "a", args: { value: "given" }, get: "there-1" }] });
      await project().preview();
      expect(project().calls("read")[0]).to.deep.include({ id: "there-1", props: { name: "a", value: "given" } });
      await project().up();
      expect(project().resource("a")).to.deep.include({ id: "there-1", external: true });
      await project().destroy();
      expect(project().calls("delete")).to.deep.equal([]);
      expect(project().resources()).to.deep.equal([]);
    });
  },
  { isLong: true },
);

describeProject(
  "the embedded engine, replacing",
  (project) => {
    it("creates the new one, updates dependents, and deletes the old one at the end", async () => {
      project().program({
        resources: [item("a", { value: "1", force: "x" }), item("b", { value: { $ref: "a.out" } })],
      });
      await project().up();
      project().forgetCalls();
      project().program({
        resources: [item("a", { value: "2", force: "y" }), item("b", { value: { $ref: "a.out" } })],
      });
      const summary = await project().up();
      expect(changes(summary)).to.deep.equal([
        "create-replacement a",
        "replace a",
        "update b",
        "delete-replaced a",
      ]);
      expect(summary.changes).to.deep.equal({ same: 1, replace: 1, update: 1 });
      expect(
        project()
          .calls("create", "update", "delete")
          .map(({ method, name }) => `${method} ${name}`),
      ).to.deep.equal(["create a", "update b", "delete a"]);
      const checks = project()
        .calls("check")
        .filter(({ name }) => name === "a");
      expect(checks.map(({ olds }) => Object.keys(olds as object).length)).to.deep.equal([3, 0]);
    });

    it("deletes first where the provider or the option says so", async () => {
      for (const [args, opts] of [
        [{ deleteFirst: true }, undefined],
        [{}, { deleteBeforeReplace: true }],
      ] as const) {
        project().program({ resources: [item("a", { ...args, force: "x" }, opts)] });
        await project().up();
        project().forgetCalls();
        project().program({ resources: [item("a", { ...args, force: "y" }, opts)] });
        const summary = await project().up();
        expect(changes(summary)).to.deep.equal(["delete-replaced a", "replace a", "create-replacement a"]);
        expect(
          project()
            .calls("create", "delete")
            .map(({ method }) => method),
        ).to.deep.equal(["delete", "create"]);
        await project().destroy();
      }
    });

    it("takes along those dependents that would be replaced too, and only those", async () => {
      const describe = (force: string) => [
        item("a", { value: force, force, deleteFirst: true }),
        item("b", { forced: "1", force: { $ref: "a.out" }, forceUnknown: true }),
        item("c", { value: { $ref: "a.out" } }),
      ];
      project().program({ resources: describe("x") });
      await project().up();
      project().forgetCalls();
      project().program({ resources: describe("y") });
      const summary = await project().up();
      expect(summary.result).to.equal("succeeded");
      expect(
        project()
          .calls("create", "update", "delete")
          .map(({ method, name }) => `${method} ${name}`),
      ).to.include.members(["delete b", "delete a", "create a", "create b", "update c"]);
      expect(
        project()
          .calls("delete")
          .map(({ name }) => name),
      ).to.deep.equal(["b", "a"]);
      expect(summary.changes).to.deep.equal({ same: 1, replace: 2, update: 1 });
      expect(
        project()
          .resources()
          .filter(({ pendingReplacement }) => pendingReplacement),
      ).to.deep.equal([]);
    });

    it("keeps the old one where the new one cannot be created", async () => {
      project().program({ resources: [item("a", { force: "x" })] });
      await project().up();
      project().program({ resources: [item("a", { force: "y" })] });
      project().behave({ fail: { a: { method: "create" } } });
      const summary = await project().up();
      expect(summary.result).to.equal("failed");
      expect(project().resource("a").inputs).to.include({ force: "x" });
      expect(project().calls("delete")).to.deep.equal([]);
    });

    it("keeps an old one that could not be deleted, marked, and deletes it the next time without creating anything", async () => {
      project().program({ resources: [item("a", { force: "x", value: "1" })] });
      await project().up();
      project().program({ resources: [item("a", { force: "y", value: "2" })] });
      project().behave({ fail: { a: { method: "delete" } } });
      expect((await project().up()).result).to.equal("failed");
      const both = project()
        .resources()
        .filter(({ urn }) => urn.endsWith("::a"));
      expect(both.map((state) => [state.id, state.delete ?? false])).to.deep.equal([
        ["id-a-2", false],
        ["id-a-1", true],
      ]);
      project().behave({});
      project().forgetCalls();
      const summary = await project().up();
      expect(changes(summary)).to.deep.equal(["delete-replaced a"]);
      expect(
        project()
          .calls("create", "delete")
          .map(({ method, id }) => `${method} ${id}`),
      ).to.deep.equal(["delete id-a-1"]);
    });

    it("goes on with the create where a delete ahead of it was through", async () => {
      project().program({ resources: [item("a", { force: "x", deleteFirst: true })] });
      await project().up();
      project().program({ resources: [item("a", { force: "y", deleteFirst: true })] });
      project().behave({ fail: { a: { method: "create" } } });
      expect((await project().up()).result).to.equal("failed");
      expect(project().resource("a").pendingReplacement).to.equal(true);
      project().behave({});
      project().forgetCalls();
      expect((await project().up()).result).to.equal("succeeded");
      expect(
        project()
          .calls("create", "delete")
          .map(({ method }) => method),
      ).to.deep.equal(["create"]);
      expect(project().resource("a").pendingReplacement).to.equal(undefined);
    });
  },
  { isLong: true },
);
