import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import type { SavedState } from "../../../rehearsal/emulator/index.js";
import { bareEstate, drillProgram, failoverProgram, protectedEstate } from "../drill/estate.js";
import { describeProduct, isFullRun, type Product } from "../drill/product.js";
import { chooseShell, declare, prepare, type Shell, type ShellProgram } from "./fixture.js";

/**
 * What a stack was when a version of this package had left it, with the Azure of that moment: `<version>/<name>.json.gz`.
 * Each release adds its own (`SITERECOVERY_KEEP_STATES=1`), none is ever changed.
 */
interface KeptStack {
  state: unknown;
  azure: SavedState;
}

const { version } = JSON.parse(readFileSync(resolve(__dirname, "../../../package.json"), "utf8")) as {
  version: string;
};
const place = (of: string, name: string) => join(__dirname, "states", of, `${name}.json.gz`);
const stateFile = (product: Product) => join(product.directory, "states", "1.json");

/** Every resource that Azure without VMM has, with a drill that waits for its clean-up. */
function allResources(): ShellProgram {
  const program = drillProgram();
  const site = { kind: "Fabric", name: "branch", args: { name: "branch", instanceType: "HyperVSite" } };
  const held = { targetId: { $ref: "db01.replicatedItemId" }, stage: "protected" };
  const resources = [...program.resources, site, { kind: "Failover", name: "held", args: held }];
  return { ...program, resources } as unknown as ShellProgram;
}

async function keep(product: Product, name: string): Promise<void> {
  const kept: KeptStack = {
    state: JSON.parse(readFileSync(stateFile(product), "utf8")),
    azure: product.emulator.world.snapshot(),
  };
  mkdirSync(dirname(place(version, name)), { recursive: true });
  writeFileSync(place(version, name), gzipSync(JSON.stringify(kept), { level: 9 }));
}

/** A stack as it was left; the emulator stands where it stood. */
function restore(product: Product, of: string, name: string): void {
  const kept = JSON.parse(gunzipSync(readFileSync(place(of, name))).toString()) as KeptStack;
  product.emulator.world.restore(kept.azure);
  mkdirSync(dirname(stateFile(product)), { recursive: true });
  writeFileSync(stateFile(product), JSON.stringify(kept.state));
}

const versions = ["0.1.0"];

describeProduct(
  "a stack that an earlier version left",
  (start) => {
    async function project(shell: Shell, estate = bareEstate()): Promise<Product> {
      const product = await start({ estate, speed: 20_000 });
      prepare(product);
      chooseShell(product, shell);
      return product;
    }

    if (process.env.SITERECOVERY_KEEP_STATES === "1")
      for (const shell of ["dynamic", "plugin"] as const)
        it(`is kept, on the ${shell} shell`, async () => {
          const product = await project(shell);
          declare(product, allResources());
          await product.succeed("up");
          await keep(product, `${shell}-all`);
          await product.stop();
          const walking = await project(shell, protectedEstate());
          declare(walking, failoverProgram("protected"));
          await walking.succeed("up");
          await walking.addFaults([{ kind: "failTask", taskName: "VmFailover", targetName: "web01" }]);
          declare(walking, failoverProgram("failedOver"));
          await walking.run("up");
          await walking.clearFaults();
          await keep(walking, `${shell}-walk`);
        }).timeout(400_000);

    for (const of of versions)
      for (const shell of ["dynamic", "plugin"] as const) {
        it(`is unchanged for version ${of} on the ${shell} shell, and is refreshed, updated and destroyed`, async function () {
          if (shell === "dynamic" && !isFullRun) {
            console.log("      skipped: a long run; SITERECOVERY_FULL_TESTS=1 runs it");
            this.skip();
          }
          if (!existsSync(place(of, `${shell}-all`))) throw new Error(`${of} left no ${shell}-all`);
          const product = await project(shell);
          restore(product, of, `${shell}-all`);
          declare(product, allResources());
          const requests = product.requests;
          for (const command of ["preview", "refresh", "up"] as const) {
            const { changes, output } = await product.succeed(command);
            // A version may word its previews anew, which is an update of that text; nothing else may differ.
            const { update: reworded = 0, ...others } = changes;
            expect(others, `${command}: ${output}`).to.deep.equal({});
            const differences = output.match(/\[diff: [^\]]*\]/g) ?? [];
            expect(
              differences.filter((each) => each !== "[diff: ~preview]"),
              output,
            ).to.deep.equal([]);
            if (reworded > 0) expect(differences, output).not.to.deep.equal([]);
          }
          expect((await product.succeed("up")).changes).to.deep.equal({});
          expect(product.writes(requests)).to.deep.equal([]);
          await product.succeed("destroy");
          expect(await product.virtualMachines()).to.deep.equal([]);
          expect(await product.inVault("replicationPolicies")).to.not.include("daily");
        }).timeout(400_000);

        it(`goes on with the walk that version ${of} had begun on the ${shell} shell, and starts nothing twice`, async function () {
          if (shell === "plugin" && !isFullRun) {
            console.log("      skipped: a long run; SITERECOVERY_FULL_TESTS=1 runs it");
            this.skip();
          }
          const product = await project(shell);
          restore(product, of, `${shell}-walk`);
          const walk = () => product.outputs("site").walk;
          expect(walk()).to.be.an("object");
          declare(product, failoverProgram("failedOver"));
          await product.succeed("up");
          expect(walk()).to.equal(undefined);
          expect(product.outputs("site")).to.include({
            observedStage: "failedOver",
            lastAppliedStage: "failedOver",
          });
          expect(product.accepted("unplannedFailover")).to.be.at.most(1);
          expect((await product.succeed("up")).changes).to.deep.equal({});
        }).timeout(400_000);
      }
  },
  ["embedded"],
);
