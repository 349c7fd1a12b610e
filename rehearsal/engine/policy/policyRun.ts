import { annotateSecrets, type PropertyMap } from "../propertyValues.js";
import { isDefaultProvider, stackUrn } from "../urn.js";
import { type PackDiagnostic, type PackSurroundings, PolicyPackProcess } from "./policyPack.js";
import type {
  AnalyzedResource,
  PolicyPackIdentity,
  PolicyPackOptions,
  PolicyRemediation,
  PolicyViolation,
} from "./types.js";

/** The operation whose resources are judged, as far as a pack's rules concern it. */
export interface JudgedOperation {
  readonly stack: string;
  readonly project: string;
  violated(violation: PolicyViolation): void;
  remediated(remediation: PolicyRemediation): void;
}

/** The policy packs of one operation. */
export class PolicyRun {
  private constructor(private readonly packs: readonly PolicyPackProcess[]) {}

  /**
   * Starts packs, all at a time.
   * @throws {EngineError} the first that does not start, with no process left behind.
   */
  static async start(options: readonly PolicyPackOptions[], surroundings: PackSurroundings): Promise<PolicyRun> {
    const started = await Promise.allSettled(options.map((pack) => PolicyPackProcess.start(pack, surroundings)));
    const packs = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failed = started.find((result) => result.status === "rejected");
    if (failed !== undefined) {
      for (const pack of packs) pack.close();
      throw failed.reason;
    }
    return new PolicyRun(packs);
  }

  get identities(): PolicyPackIdentity[] {
    return this.packs.map(({ identity }) => identity);
  }

  /**
   * Lets the rules mend a resource's checked inputs, and then judge them. Secrets stay secret whatever a rule does.
   *
   * @returns the inputs to go on with, and whether a mandatory rule is broken.
   */
  async checkResource(
    operation: JudgedOperation,
    resource: AnalyzedResource,
  ): Promise<{ inputs: PropertyMap; isBroken: boolean }> {
    const { urn } = resource.state;
    let inputs = resource.properties;
    for (const pack of this.packs) {
      const { name } = pack.identity;
      for (const remediation of await pack.remediate({ ...resource, properties: inputs })) {
        const { policy, version } = remediation;
        if (remediation.properties === undefined) {
          const level = { enforcementLevel: "advisory", severity: "" } as const;
          report(operation, name, { ...level, policy, version, message: remediation.diagnostic, urn }, urn);
          continue;
        }
        const after = annotateSecrets(remediation.properties, inputs);
        operation.remediated({ policy, pack: name, version, urn, before: inputs, after });
        inputs = after;
      }
    }
    let isBroken = false;
    const judged = await Promise.all(
      this.packs.map(async (pack) => ({
        name: pack.identity.name,
        diagnostics: await pack.analyze({ ...resource, properties: inputs }),
      })),
    );
    for (const { name, diagnostics } of judged) {
      for (const diagnostic of diagnostics) {
        isBroken = report(operation, name, diagnostic, urn) || isBroken;
      }
    }
    return { inputs, isBroken };
  }

  /** Lets the rules judge the whole stack, once everything else went well. */
  async checkStack(operation: JudgedOperation, resources: readonly AnalyzedResource[]): Promise<void> {
    const known = new Set(resources.map(({ state }) => state.urn));
    const root = stackUrn(operation.stack, operation.project);
    for (const pack of this.packs) {
      for (const diagnostic of await pack.analyzeStack(resources)) {
        report(operation, pack.identity.name, diagnostic, known.has(diagnostic.urn) ? diagnostic.urn : root);
      }
    }
  }

  close(): void {
    for (const pack of this.packs) pack.close();
  }
}

/** Tells of a broken rule; true if it is mandatory. A rule that should have mended and did not counts as mandatory. */
function report(operation: JudgedOperation, pack: string, diagnostic: PackDiagnostic, urn: string): boolean {
  const { policy, version, severity, message } = diagnostic;
  const enforcementLevel = diagnostic.enforcementLevel === "advisory" ? "advisory" : "mandatory";
  const shown = isDefaultProvider(urn) ? stackUrn(operation.stack, operation.project) : urn;
  operation.violated({ policy, pack, version, enforcementLevel, severity, message, urn: shown });
  return enforcementLevel === "mandatory";
}
