import { expect } from "chai";
import { parseCommandLine } from "../../../../rehearsal/engine/commandLine.js";

describe("parseCommandLine", () => {
  it("reads a command with its options, long and short", () => {
    expect(
      parseCommandLine([
        "up",
        "-s",
        "prod",
        "-c",
        "a=1",
        "--config",
        "b=2",
        "--parallel=3",
        "-y",
        "--diff",
        "--cwd",
        "there",
        "--state",
        "f.json",
      ]),
    ).to.deep.include({
      command: "up",
      stack: "prod",
      config: ["a=1", "b=2"],
      parallel: 3,
      isConfirmed: true,
      showsDiff: true,
      isJson: false,
      directory: "there",
      statePath: "f.json",
    });
  });

  it("answers nothing where help is asked for", () => {
    expect(parseCommandLine(["--help"])).to.equal(undefined);
  });

  it("reports all that is wrong at once", () => {
    expect(() =>
      parseCommandLine([
        "preview",
        "extra",
        "--nope",
        "--stack",
        "--parallel",
        "0",
        "--preview-only",
        "--clear-pending-creates",
      ]),
    )
      .to.throw()
      .with.property("message")
      .that.includes("--nope is not known")
      .and.includes('"extra"')
      .and.includes("--preview-only is for refresh and destroy only")
      .and.includes("--clear-pending-creates is for refresh only");
    expect(() => parseCommandLine([])).to.throw("command is missing");
  });

  it("goes on after errors where it is asked to, and only where steps are taken", () => {
    expect(parseCommandLine(["up", "--continue-on-error"])?.continueOnError).to.equal(true);
    expect(parseCommandLine(["destroy"])?.continueOnError).to.equal(false);
    expect(() => parseCommandLine(["refresh", "--continue-on-error"])).to.throw(
      "--continue-on-error is for up and destroy only",
    );
  });

  it("refuses by name what only the Pulumi CLI does, values included", () => {
    expect(() => parseCommandLine(["up", "--save-plan", "a.json", "--run-program"]))
      .to.throw()
      .with.property("message")
      .that.includes("--save-plan is not implemented by the embedded engine")
      .and.includes("--run-program is not implemented")
      .and.does.not.include("a.json");
  });

  it("takes what to work on, several times, and --target-replace for both", () => {
    const line = parseCommandLine([
      ..."up -t urn:a --target=**::b --target-dependents --replace urn:c --target-replace urn:d".split(" "),
    ]);
    expect(line?.selection).to.deep.equal({
      targets: ["urn:a", "**::b", "urn:d"],
      targetDependents: true,
      excludes: [],
      excludeDependents: false,
      replaces: ["urn:c", "urn:d"],
    });
    expect(parseCommandLine("destroy -x urn:a -x urn:b".split(" "))?.selection.excludes).to.deep.equal([
      "urn:a",
      "urn:b",
    ]);
  });

  it("refuses selections that exclude each other, or that a command has not", () => {
    expect(() =>
      parseCommandLine(
        "destroy -t urn:a --exclude urn:b --replace urn:c --exclude-dependents --exclude-protected".split(" "),
      ),
    )
      .to.throw()
      .with.property("message")
      .that.includes("--target and --exclude cannot be given together")
      .and.includes("--replace and --target-replace are for preview and up only")
      .and.includes("--exclude-dependents is for preview, up and refresh only")
      .and.includes("--exclude-protected cannot be given together with --target or --ignore-protect");
    expect(() => parseCommandLine("refresh --exclude-protected --ignore-protect".split(" ")))
      .to.throw()
      .with.property("message")
      .that.includes("--exclude-protected is for destroy only")
      .and.includes("--ignore-protect is for preview, up and destroy only");
  });

  it("pairs policy packs with their configuration, in order", () => {
    expect(parseCommandLine(["preview", "--policy-pack", "a", "--policy-pack", "b"])?.policyPacks).to.deep.equal([
      { directory: "a" },
      { directory: "b" },
    ]);
    const line = parseCommandLine(["up", "--policy-pack=a", "--policy-pack-config", "a.json"]);
    expect(line?.policyPacks).to.deep.equal([{ directory: "a", configPath: "a.json" }]);
  });

  it("refuses policy packs where no rule would look, and configuration that belongs to no pack", () => {
    expect(() =>
      parseCommandLine([
        "destroy",
        "--policy-pack",
        "a",
        "--policy-pack-config",
        "b",
        "--policy-pack-config",
        "c",
      ]),
    )
      .to.throw()
      .with.property("message")
      .that.includes("--policy-pack is for preview and up only")
      .and.includes("2 times for 1 policy packs");
  });
});
