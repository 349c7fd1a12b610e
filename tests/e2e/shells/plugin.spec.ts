import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  drillProgram,
  failoverProgram,
  itemId,
  planId,
  protectedEstate,
  vaultConfig,
  vaultId,
} from "../drill/estate.js";
import { describeProduct, type Product } from "../drill/product.js";
import { chooseShell, configure, declare, prepare, type ShellProgram } from "./fixture.js";

function environment(product: Product): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SITERECOVERY_ENDPOINT: product.emulator.origin,
    PULUMI_CONFIG_PASSPHRASE: "correct horse",
    PULUMI_HOME: join(product.directory, "home"),
    PULUMI_BACKEND_URL: `file://${join(product.directory, "backend")}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NO_COLOR: "1",
  };
}

/** Starts a command of the CLI that the common tests have no word for; it can be interrupted as by Ctrl-C. */
function startPulumi(
  product: Product,
  ...words: string[]
): { interrupt(): void; ended: Promise<{ status: number | null; output: string }> } {
  const child = spawn("pulumi", [...words, "--cwd", product.directory, "--non-interactive"], {
    env: environment(product),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return {
    interrupt: () => void child.kill("SIGINT"),
    ended: once(child, "close").then(([status]) => ({ status: status as number | null, output })),
  };
}

describeProduct(
  "the provider plugin",
  (start) => {
    async function onPlugin(options?: Parameters<typeof start>[0]): Promise<Product> {
      const product = await start(options);
      prepare(product);
      chooseShell(product, "plugin");
      return product;
    }

    it("imports policies, items, plans and a failover made elsewhere without a difference and without a write", async () => {
      const product = await onPlugin({ estate: protectedEstate() });
      declare(product, { resources: [] });
      await product.succeed("up");
      const imports = [
        ["ReplicationPolicy", "policy", `${vaultId}/replicationPolicies/daily`],
        ["ReplicatedItem", "item", itemId("db01")],
        ["RecoveryPlan", "plan", planId],
        ["Failover", "site", planId],
      ] as const;
      const written = product.requests;
      for (const [kind, name, id] of imports) {
        const { status, output } = await startPulumi(
          product,
          ...[
            "import",
            `siterecovery:index:${kind}`,
            name,
            id,
            "--yes",
            "--protect=false",
            "--generate-code=false",
          ],
        ).ended;
        expect(status, output).to.equal(0);
        expect(output).to.not.contain("failed to validate");
      }
      const inputs = (name: string) => {
        const found = product.engine.state().resources.find(({ urn }) => urn.endsWith(`::${name}`));
        return Object.fromEntries(
          Object.entries(found?.inputs ?? {}).filter(([key]) => !key.startsWith("__")),
        ) as Record<string, unknown>;
      };
      expect(inputs("site")).to.include({ targetId: planId, stage: "protected" });
      declare(product, {
        resources: imports.map(([kind, name]) => ({ kind, name, args: inputs(name) })),
      });
      for (const command of ["preview", "up", "refresh", "preview"] as const) {
        const { changes, output } = await product.succeed(command);
        expect(changes, `${command}: ${output}`).to.deep.equal({});
      }
      expect(product.writes(written)).to.deep.equal([]);
    });

    it("starts nothing when a program imports a failover and declares another stage, however often it is run", async () => {
      const product = await onPlugin({ estate: protectedEstate() });
      const site = (stage: string) => ({
        resources: [
          { kind: "Failover", name: "site", args: { targetId: planId, stage }, options: { import: planId } },
        ],
      });
      declare(product, site("failedOver"));
      expect((await product.fail("preview")).output).to.contain('startFrom: "protected@never"');
      for (const _ of [1, 2]) expect((await product.fail("up")).output).to.contain('startFrom: "protected@never"');
      expect(product.accepted("unplannedFailover")).to.equal(0);
      declare(product, site("protected"));
      await product.succeed("up");
      declare(product, site("failedOver"));
      await product.succeed("up");
      expect(product.accepted("unplannedFailover")).to.equal(1);
    });

    it("shows differences path by path", async () => {
      const product = await onPlugin();
      declare(product, drillProgram());
      await product.succeed("up");
      const changed = drillProgram({ comments: "Another note" });
      for (const resource of changed.resources) {
        if (resource.name === "plan" && resource.args) {
          const groups = resource.args.bootGroups as Record<string, unknown>[];
          resource.args.bootGroups = [
            groups[0],
            {
              ...groups[1],
              startGroupActions: [
                {
                  name: "Look",
                  failoverTypes: ["TestFailover"],
                  failoverDirections: ["PrimaryToRecovery"],
                  details: { kind: "manual", description: "Look at it" },
                },
              ],
            },
          ];
        }
        if (resource.name === "drill" && resource.args) resource.args.triggers = ["first", "again"];
      }
      declare(product, changed);
      const { output, changes } = await product.succeed("preview", { words: ["--diff"] });
      expect(changes, output).to.deep.equal({ update: 1, replace: 1 });
      expect(output).to.match(/\+ startGroupActions: \[/);
      expect(output).to.match(/~ comments\s*: "Cleaned up by pulumi-siterecovery" => "Another note"/);
      expect(output).to.match(/\+ \[1\]: "again"/);
      expect(output).to.not.match(/[-+~] targetId/);
    });

    it("hands customTimeouts to the wait, and ends it with what still runs", async () => {
      const product = await onPlugin({ estate: protectedEstate(), speed: 1 });
      declare(product, {
        resources: [
          {
            kind: "Failover",
            name: "site",
            args: { targetId: planId, stage: "failedOver", startFrom: "protected@never" },
            options: { customTimeouts: { create: "2s", update: "2s" } },
          },
        ],
      });
      const { output } = await product.fail("up");
      expect(output).to.match(/waiting for job .* 2 s, the bound for waiting/);
      expect(product.outputs("site").walk).to.include({ from: "protected", to: "failedOver" });
      product.advance(7200);
      await product.succeed("up");
      expect(product.accepted("unplannedFailover")).to.equal(1);
      expect(product.outputs("site")).to.include({ observedStage: "failedOver", timeoutMinutes: 240 });
    });

    it("stops waiting at Ctrl-C, keeps the state, and goes on with the same job", async () => {
      const product = await onPlugin({ estate: protectedEstate(), speed: 1 });
      // A state as large as that of a plan of many machines, in the error that keeps it.
      declare(product, drillOfPlan({ triggers: ["x".repeat(500_000)] }));
      await product.succeed("preview");
      const arrived = product.nextRequest(({ path, status }) => path.endsWith("/testFailover") && status === 202);
      const running = startPulumi(product, "up", "--yes", "--skip-preview", "--stack", "dev");
      await arrived;
      running.interrupt();
      const { status, output } = await running.ended;
      expect(status, output).to.equal(1);
      expect(product.outputs("drill")).to.include({ status: "running" });
      product.advance(3 * 3600);
      await product.succeed("up");
      expect(product.accepted("testFailover")).to.equal(1);
      expect(product.outputs("drill")).to.include({ status: "waitingForCleanup" });
    });

    it("names every wrong setting in one error, before anything is asked of Azure", async () => {
      const product = await onPlugin();
      declare(product, failoverProgram("protected"));
      configure(product, { cloud: "mars", pollIntervalSeconds: "soon", clientSecret: "do-not-store" });
      const { output } = await product.fail("preview");
      expect(output).to.contain('value "mars" is not allowed; allowed: public, usgovernment, china');
      expect(output).to.contain('value "soon" is not allowed; allowed: a number of seconds, 0.02-3600');
      expect(output).to.contain("set the environment variable ARM_CLIENT_SECRET");
      expect(output).to.not.contain("do-not-store");
      expect(product.requests).to.equal(0);
    });

    it("serves several vaults by explicit provider instances, which fill in what resources leave out", async () => {
      const product = await onPlugin();
      configure(product, { vaultName: undefined });
      const vault = Object.fromEntries(
        Object.entries(vaultConfig).map(([key, value]) => [key.replace("siterecovery:", ""), value]),
      );
      const policy = (name: string, provider: string) => ({
        key: name,
        kind: "ReplicationPolicy",
        name,
        args: { name, instanceType: "InMageRcm" },
        options: { provider: { $resource: provider } },
      });
      const program: ShellProgram = {
        resources: [
          { kind: "Provider", name: "first", args: vault },
          { kind: "Provider", name: "second", args: { ...vault, pollIntervalSeconds: 1 } },
          policy("gold", "first"),
          policy("silver", "second"),
          { kind: "ReplicationPolicy", name: "none", args: { name: "none", instanceType: "InMageRcm" } },
        ],
      };
      declare(product, program);
      for (const command of ["preview", "up"] as const)
        expect((await product.fail(command)).output).to.contain("property vaultName value {<nil>} has a problem");
      const { output } = await product.fail("preview");
      expect(output).to.contain("pulumi config set siterecovery:vaultName");
      declare(product, { resources: program.resources.slice(0, 4) });
      await product.succeed("up");
      expect(await product.inVault("replicationPolicies")).to.include.members(["gold", "silver"]);
      expect((await product.succeed("preview")).changes).to.deep.equal({});
      await product.succeed("destroy");
    });

    it("writes no secret argument in clear into state, output, logs or requests beside where it belongs", async () => {
      const product = await onPlugin();
      const note = "canary-note-51c7";
      const trigger = 'canary-"quoted"\ntrigger-9a21';
      const program = drillProgram({ comments: { $secret: note }, triggers: [{ $secret: trigger }, "open"] });
      declare(product, { ...program, outputs: { triggers: { $ref: "drill.triggers" } } });
      let printed = "";
      for (const command of ["preview", "up", "refresh", "preview"] as const)
        printed += (await product.succeed(command, { words: ["--diff"] })).output;
      declare(product, drillProgram({ comments: { $secret: note }, triggers: [{ $secret: `${trigger}!` }] }));
      printed += (await product.succeed("preview", { words: ["--diff"] })).output;
      await product.addFaults([{ kind: "failTask", taskName: "VmTfoDeleteTestVm" }]);
      printed += (await product.fail("destroy")).output;
      const state = product.engine.state().text;
      const files = filesBelow(join(product.directory, "backend")).map((file) => readFileSync(file, "utf8"));
      for (const text of [printed, state, ...files]) {
        for (const canary of [note, "trigger-9a21", "canary-"]) expect(text).to.not.contain(canary);
      }
      expect(state).to.contain('"open"');
    });
  },
  ["pulumi"],
);

function drillOfPlan(args: Record<string, unknown>): ShellProgram {
  return {
    resources: [
      {
        kind: "TestFailover",
        name: "drill",
        args: {
          targetId: planId,
          testNetworkId: `${planId.slice(0, planId.indexOf("/providers/"))}/providers/Microsoft.Network/virtualNetworks/shop-drill`,
          ...args,
        },
      },
    ],
  };
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
