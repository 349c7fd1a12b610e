import { expect } from "chai";
import { changes, describeProject, errors } from "./fixture.js";

describeProject(
  "the embedded engine and resource options",
  (project) => {
    it("puts components into URNs and parents, and stores their outputs", async () => {
      project().program({
        resources: [
          { name: "g", kind: "group", args: { note: "n" } },
          { name: "a", args: { value: "1" }, opts: { parent: "g" } },
        ],
        groupOutputs: { g: { result: { $ref: "a.out" } } },
      });
      await project().up();
      const group = project().resource("g");
      expect(group).to.deep.include({ custom: false, inputs: { note: "n" }, outputs: { result: "out-1" } });
      expect(project().resource("a")).to.include({
        urn: "urn:pulumi:dev::p::acme:index:Group$pulumi-nodejs:dynamic/acme:Item::a",
        parent: group.urn,
      });
      expect((await project().up()).changes).to.deep.equal({ same: 3 });
    });

    it("holds a resource back for what it depends on, a component's children included", async () => {
      project().program({
        resources: [
          { name: "g", kind: "group" },
          { name: "child", opts: { parent: "g" } },
          { name: "after", opts: { dependsOn: ["g"] } },
        ],
      });
      await project().up();
      expect(
        project()
          .calls("create", "created")
          .map(({ method, name }) => `${method} ${name}`),
      ).to.deep.equal(["create child", "created child", "create after", "created after"]);
      expect(project().resource("after").dependencies).to.deep.equal([project().resource("child").urn]);
      await project().destroy();
      expect(
        project()
          .calls("delete")
          .map(({ name }) => name),
      ).to.deep.equal(["after", "child"]);
    });

    it("refuses to delete or replace what is protected, already in the preview, and lets go when the option is gone", async () => {
      project().program({ resources: [{ name: "a", args: { force: "x" }, opts: { protect: true } }] });
      await project().up();
      expect(errors(await project().deployment().previewDestroy())).to.contain("because it is protected");
      expect((await project().destroy()).result).to.equal("failed");
      project().program({ resources: [{ name: "a", args: { force: "y" }, opts: { protect: true } }] });
      expect(errors(await project().up())).to.contain("it is currently marked for protection");
      expect(project().calls("delete", "update")).to.deep.equal([]);
      project().program({ resources: [{ name: "a", args: { force: "x" } }] });
      expect((await project().up()).changes).to.deep.equal({ same: 2 });
      expect(project().resource("a")).not.to.have.property("protect");
      expect((await project().destroy()).result).to.equal("succeeded");
    });

    it("leaves ignored changes as they were", async () => {
      const opts = { ignoreChanges: ["value", "deep.list[0]"] };
      project().program({ resources: [{ name: "a", args: { value: "1", deep: { list: ["x", "y"] } }, opts }] });
      await project().up();
      project().program({
        resources: [{ name: "a", args: { value: "2", deep: { list: ["changed", "y"] } }, opts }],
      });
      expect((await project().up()).changes).to.deep.equal({ same: 2 });
      expect(project().resource("a").inputs).to.deep.include({ value: "1", deep: { list: ["x", "y"] } });
    });

    it("knows a resource by its alias: another name, another parent, children of a renamed component", async () => {
      project().program({
        resources: [
          { name: "old" },
          { name: "loose" },
          { name: "group", kind: "group" },
          { name: "group-child", opts: { parent: "group" } },
          { name: "late", args: { value: { $ref: "group-child.out" } } },
        ],
      });
      await project().up();
      project().forgetCalls();
      project().program({
        resources: [
          { name: "renamed", args: { name: "old" }, opts: { aliases: [{ name: "old" }] } },
          { name: "group2", kind: "group", opts: { aliases: [{ name: "group" }] } },
          { name: "group2-child", args: { name: "group-child" }, opts: { parent: "group2" } },
          { name: "loose", opts: { parent: "group2", aliases: [{ parent: null }] } },
          { name: "late", args: { value: { $ref: "group2-child.out" } } },
        ],
      });
      const summary = await project().up();
      expect(summary.changes).to.deep.equal({ same: 6 });
      expect(project().calls("create", "update", "delete")).to.deep.equal([]);
      expect(project().resource("renamed").id).to.equal("id-old-");
      expect(project().resource("late").dependencies).to.deep.equal([project().resource("group2-child").urn]);
      expect((await project().preview()).changes).to.deep.equal({ same: 6 });
    });

    it("stores an output that the option names as a secret", async () => {
      project().program({
        resources: [{ name: "a", args: { value: "1" }, opts: { additionalSecretOutputs: ["extra"] } }],
      });
      await project().up();
      expect(project().stateText()).not.to.contain("extra text");
      expect(project().resource("a").outputs?.extra).to.have.property("ciphertext");
    });

    it("refuses an option with a path that is none, and makes nothing of the resource", async () => {
      project().program({ resources: [{ name: "first" }, { name: "a", opts: { hideDiffs: ["value", "a["] } }] });
      const summary = await project().up();
      expect(summary.result).to.equal("failed");
      expect(errors(summary)).to.contain('hideDiffs names "a[", expected the path of a property');
      const created = project().calls("create");
      expect(created.map(({ name }) => name)).not.to.include("a");
    });

    it("refuses other providers' resources and assets by name", async () => {
      for (const [resource, text] of [
        [{ name: "a", kind: "other" }, 'has no provider for package "other"'],
        [{ name: "a", kind: "stackReference" }, 'unknown stack "a"\nThere is none of "'],
        [{ name: "a", args: { file: { $asset: "text" } } }, "property file is an asset"],
      ] as const) {
        project().program({ resources: [{ ...resource }] });
        expect(errors(await project().preview())).to.contain(text);
      }
    });

    it("shows properties in a tree, unchanged ones too", async () => {
      const { DiffDisplay } = await import("../../../rehearsal/engine/display/diffDisplay.js");
      project().program({ resources: [{ name: "a", args: { value: "1", list: ["x"], gone: true } }] });
      await project().up();
      project().program({ resources: [{ name: "a", args: { value: "2", list: ["x", "y"] } }] });
      const lines: string[] = [];
      const display = new DiffDisplay("dev", "p", "preview", true, (text) => lines.push(text));
      const summary = await project()
        .deployment({ onEvent: (event) => display.handle(event) })
        .preview();
      expect(changes(summary)).to.deep.equal(["update a"]);
      expect(lines.join("")).to.contain(
        [
          "    ~ pulumi-nodejs:dynamic/acme:Item: (update)",
          "        [id=id-a-1]",
          "        [urn=urn:pulumi:dev::p::pulumi-nodejs:dynamic/acme:Item::a]",
          "      - gone : true",
          "      ~ list : [",
          '            [0]: "x"',
          '          + [1]: "y"',
          "        ]",
          '        name : "a"',
          '      ~ value: "1" => "2"',
        ].join("\n"),
      );
    });
  },
  { isLong: true },
);
