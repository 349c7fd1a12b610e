import { join } from "node:path";
import { expect } from "chai";
import type { OperationSummary } from "../../../rehearsal/engine/index.js";
import { changes, describeProject, errors, type Program } from "./fixture.js";

const directory = join(__dirname, "policies");

/** The block about policies, without the place of the pack. */
function policiesIn(summary: OperationSummary): string {
  return /^Policies:\n.*?\n\n/ms.exec(summary.text)?.[0].replace(directory, "DIR") ?? "";
}

const program: Program = {
  resources: [
    { name: "group", kind: "group" },
    {
      name: "a",
      args: { name: "a", value: "good", label: "wanted", token: { $secret: "s3cret" } },
      opts: { parent: "group" },
    },
    { name: "b", args: { name: "b", value: "bad", from: { $ref: "a.out" } } },
  ],
};

describeProject("the embedded engine, with a policy pack", (project) => {
  const deployment = (configPath?: string) =>
    project().deployment({ policyPacks: [{ directory, ...(configPath === undefined ? {} : { configPath }) }] });
  const configured = (config: unknown): string => {
    project().write("policies.json", JSON.stringify(config));
    return join(project().directory, "policies.json");
  };

  it("fails a preview by a mandatory rule, lists everything, and asks the provider for nothing but check", async () => {
    project().program(program);
    const summary = await deployment().preview();
    expect(summary.result).to.equal("failed");
    expect(policiesIn(summary)).to.equal(
      [
        "Policies:",
        "    ❌ probe@v1.2.3 (local: DIR)",
        "        - [remediate]  labelled  (1 resource)",
        "        - [mandatory] [severity: high]  no-bad-value  (pulumi-nodejs:dynamic/acme:Item: b)",
        "          Values are good.",
        "          b is bad",
        "          and that is that",
        "        - [advisory] [severity: low]  whole  (pulumi-nodejs:dynamic/acme:Item: b)",
        "          The stack is whole.",
        "          of b",
        "        - [advisory] [severity: low]  whole  (pulumi:pulumi:Stack: p-dev)",
        "          The stack is whole.",
        "          a=- in group after -; b=- in p-dev after a",
        "        - [advisory]  no-other  (pulumi-nodejs:dynamic/acme:Item: b)",
        "          can't run policy 'no-other' from policy pack 'probe@v0.0.1' during preview: string value at .from can't be known during preview",
        "",
        "",
      ].join("\n"),
    );
    expect(errors(summary)).to.equal("preview failed");
    expect(summary.text).not.to.contain("s3cret").and.not.to.contain("Resources:");
    expect(project().calls("create", "update", "delete")).to.deep.equal([]);
  });

  it("creates nothing that breaks a mandatory rule, and all of it once the rule only advises", async () => {
    project().program(program);
    const stopped = await deployment().up();
    expect(stopped.result).to.equal("failed");
    expect(stopped.violations.map(({ policy, urn }) => `${policy} ${urn.split("::").pop()}`)).to.deep.equal([
      "no-bad-value b",
      "no-other b",
    ]);
    expect(
      project()
        .calls("create")
        .map(({ name }) => name),
    ).to.deep.equal(["a"]);

    const { result, violations } = await deployment(configured({ all: "advisory", labelled: "remediate" })).up();
    expect(result).to.equal("succeeded");
    expect(violations.filter(({ enforcementLevel }) => enforcementLevel !== "advisory")).to.deep.equal([]);
    // A rule about the stack sees what the update made.
    expect(violations.map(({ message }) => message).join()).to.contain(
      "a=out-good in group after -; b=out-bad in p-dev after a",
    );
    expect(violations.map(({ message }) => message).join()).to.contain("taken from another");
    const { inputs } = project().resource("a");
    expect(inputs?.label).to.equal("label of a under group");
    expect(project().stateText()).not.to.contain("s3cret");

    const again = await deployment(configured({ all: "disabled" })).preview();
    expect(again.violations).to.deep.equal([]);
    expect(again.text).to.contain("✅ probe@v1.2.3");
    // Nothing labels any more, so that the label would go back to what the program says.
    expect(changes(again)).to.include("update a");
  });

  it("takes settings from a file, and treats a rule about the stack that should mend as mandatory: all is made, and it fails", async () => {
    project().program({ resources: [{ name: "b", args: { name: "b", value: "odd" } }] });
    const path = configured({ "no-bad-value": { word: "odd", enforcementLevel: "advisory" }, whole: "remediate" });
    const summary = await deployment(path).up();
    expect(summary.result).to.equal("failed");
    expect(policiesIn(summary))
      .to.contain("[advisory] [severity: high]  no-bad-value")
      .and.contain("[mandatory] [severity: low]  whole");
    expect(
      project()
        .resources()
        .map(({ urn }) => urn.split("::").pop()),
    ).to.include("b");
  });

  it("names everything that a configuration has wrong, and runs no program", async () => {
    project().program(program);
    const path = configured({ "no-bad-value": { most: 0, word: 5 }, nosuch: "advisory" });
    const summary = await deployment(path).up();
    expect(summary.result).to.equal("failed");
    expect(errors(summary))
      .to.contain("nosuch: the pack has no such rule; it has labelled, no-bad-value, no-other, whole")
      .and.contain("no-bad-value.most")
      .and.contain("no-bad-value.word");
    expect(project().calls()).to.deep.equal([]);
  });

  it("says which pack is not there, and what one that does not start said", async () => {
    const missing = await project()
      .deployment({ policyPacks: [{ directory: project().directory }] })
      .preview();
    expect(errors(missing)).to.contain("there is no PulumiPolicy.yaml in");
    project().write("PulumiPolicy.yaml", "runtime: nodejs\n");
    project().write("index.js", 'throw new Error("not today")');
    const broken = await project()
      .deployment({ policyPacks: [{ directory: project().directory }] })
      .preview();
    expect(errors(broken)).to.contain("ended before it was ready").and.contain("not today");
    project().write("PulumiPolicy.yaml", "runtime: python\n");
    const other = await project()
      .deployment({ policyPacks: [{ directory: project().directory }] })
      .preview();
    expect(errors(other)).to.contain('runtime is "python"');
  });
});
