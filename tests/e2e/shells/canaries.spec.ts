import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { bareEstate, drillProgram, networkId } from "../drill/estate.js";
import { describeProduct, isFullRun, type Product } from "../drill/product.js";
import { chooseShell, declare, prepare, type Shell, type ShellProgram } from "./fixture.js";

const canary = {
  targetVm: "canary-vm-5e20",
  action: 'canary action 1b77 "quoted"',
  trigger: "canary-trigger-60fe",
  network: "canary-network-aa31",
  refused: "canary refused 2d9b",
};

const secret = (value: unknown) => ({ $secret: value });

/**
 * A drill in which all that can be secret is: a machine's name, texts in lists, an ARM id. Names of resources cannot be:
 * they are part of ids, which Pulumi keeps in clear.
 */
function program(description = "said aloud", trigger = "first"): ShellProgram {
  const drill = drillProgram({ triggers: [trigger, secret(canary.trigger)] });
  const resources = (drill.resources as unknown as ShellProgram["resources"]).map((resource) => {
    const args = { ...resource.args };
    if (resource.kind === "ReplicatedItem" && resource.name === "db01")
      args.targetVmName = secret(canary.targetVm);
    if (resource.kind === "RecoveryPlan") {
      args.shutdownGroup = {
        startGroupActions: [
          {
            name: description,
            failoverTypes: ["PlannedFailover"],
            failoverDirections: ["PrimaryToRecovery"],
            details: { kind: "manual", description: secret(canary.action) },
          },
        ],
      };
    }
    if (resource.kind === "TestFailover") args.testNetworkId = secret(networkId(canary.network));
    return { ...resource, args };
  });
  return { ...drill, resources } as unknown as ShellProgram;
}

/** Every file that a command can have written, but for the program itself. */
function written(product: Product): Map<string, string> {
  const files = readdirSync(product.directory, { withFileTypes: true, recursive: true }).filter(
    (entry) => entry.isFile() && entry.name !== "program.json",
  );
  return new Map(
    files.map(({ parentPath, path, name }) => {
      const place = join(parentPath ?? path, name);
      return [place, readFileSync(place, "latin1")];
    }),
  );
}

/** The forms in which a text may have got out. */
function forms(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), Buffer.from(text).toString("base64")];
}

/** What is round a text, for the message of a failing test. */
function around(text: string, value: string): string {
  const at = Math.max(0, text.toLowerCase().indexOf(value.toLowerCase()));
  return text.slice(Math.max(0, at - 160), at + 60);
}

function findings(where: string, text: string): string[] {
  const lower = text.toLowerCase();
  return Object.entries(canary).flatMap(([name, value]) =>
    forms(value).some((form) => text.includes(form) || lower.includes(form.toLowerCase()))
      ? [`${name} is in ${where}: ${around(text, value)}`]
      : [],
  );
}

describeProduct("secret arguments", (start) => {
  // The plugin's own test plants canaries over its protocol in every run.
  const shells: readonly Shell[] = isFullRun ? ["dynamic", "plugin"] : ["dynamic"];
  for (const shell of shells) {
    it(`are in clear in nothing that is written or printed, on the ${shell} shell, also where something fails`, async () => {
      const estate = bareEstate();
      const [, drillNetwork] = estate.networks ?? [];
      if (!drillNetwork) throw new Error("the estate has no network for a drill");
      estate.networks = [...(estate.networks ?? []), { ...drillNetwork, name: canary.network }];
      const product = await start({ estate, speed: 20_000 });
      prepare(product);
      chooseShell(product, shell);
      const temporary = join(product.directory, "temporary");
      mkdirSync(temporary);
      const environment = { TMPDIR: temporary };
      const found = new Set<string>();
      const run = async (
        command: "preview" | "up" | "refresh" | "destroy",
        isGood: boolean,
        ...words: string[]
      ) => {
        const end = isGood ? product.succeed.bind(product) : product.fail.bind(product);
        const { output } = await end(command, { environment, words });
        for (const finding of findings(`what ${command} ${words.join(" ")} printed`, output)) found.add(finding);
        for (const [file, text] of written(product))
          for (const finding of findings(`${file.slice(product.directory.length)} after ${command}`, text))
            found.add(finding);
        return output;
      };

      declare(product, program());
      await run("preview", true, "--diff");
      await product.addFaults([
        {
          kind: "refuse",
          method: "PUT",
          path: "replicationRecoveryPlans",
          status: 400,
          code: "Refused",
          times: 1,
        },
      ]);
      expect(await run("up", false)).to.contain("Refused");
      await product.addFaults([{ kind: "failTask", taskName: "VmTfoPrepareTestVm", times: 1 }]);
      await run("up", false);
      declare(product, program("said aloud", "second"));
      await run("up", true);
      await run("preview", true, "--json");
      await run("refresh", true);
      declare(product, program("said louder", "second"));
      await run("preview", true, "--diff");
      await run("up", true);

      const refused = program("said louder", "second");
      for (const resource of refused.resources)
        if (resource.kind === "RecoveryPlan" && resource.args) resource.args.name = secret(canary.refused);
      declare(product, refused);
      expect(await run("preview", false)).to.contain("name");

      declare(product, program("said louder", "second"));
      await product.addFaults([{ kind: "failTask", taskName: "VmTfoDeleteTestVm" }]);
      await run("destroy", false);
      await product.clearFaults();
      expect([...found]).to.deep.equal([]);
      // The values did reach Azure: nothing was lost on the way.
      const requests = product.emulator
        .log()
        .map((entry) => JSON.stringify(entry))
        .join("\n");
      expect(requests).to.contain(canary.action.slice(0, 18)).and.contain(canary.targetVm);
    }).timeout(400_000);
  }
});
