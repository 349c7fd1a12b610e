import type { PolicyPackIdentity, PolicyRemediation, PolicyViolation } from "../policy/types.js";
import { displayType, nameOf, typeOf } from "../urn.js";
import type { Palette } from "./palette.js";
import { diffObjects, forDisplay } from "./propertyDiff.js";
import { PropertyPrinter } from "./propertyPrinter.js";

const severityOrder = ["critical", "high", "medium", "low", ""];
const indent = "        ";

/** How events name a pack that is not from Pulumi's service. */
export function packKey(name: string, directory: string): string {
  return `${name}|local|${directory}`;
}

/**
 * The block that lists packs, what their rules changed and what breaks them, as the Pulumi CLI prints it before the
 * diagnostics; "" without packs.
 */
export function renderPolicies(
  packs: readonly PolicyPackIdentity[],
  violations: readonly PolicyViolation[],
  remediations: readonly PolicyRemediation[],
  palette: Palette,
): string {
  if (packs.length === 0) {
    return "";
  }
  const lines = [palette.headline("Policies:")];
  const sorted = [...packs].sort((a, b) => compare(packTitle(a), packTitle(b)));
  for (const pack of sorted) {
    const isOwn = (event: { pack: string; version: string }): boolean =>
      event.pack === pack.name && event.version === pack.version;
    const broken = violations.filter(isOwn).sort(compareViolations);
    const mark = broken.some(isMandatory) ? "❌" : broken.length > 0 ? "⚠️" : "✅";
    lines.push(`    ${mark} ${packTitle(pack)} (local: ${pack.directory})`);
    lines.push(...remediationCounts(remediations.filter(isOwn)));
    for (const violation of broken) {
      lines.push(`${indent}- ${heading(violation, palette)}`);
      lines.push(
        ...violation.message
          .replace(/\n$/, "")
          .split("\n")
          .map((line) => `${indent}  ${line}`.trimEnd()),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A broken rule where it is found, between the resources of a tree. */
export function renderViolationLine(violation: PolicyViolation, palette: Palette): string {
  const { pack, version, message } = violation;
  return `    ${pack}@v${version} ${heading(violation, palette)}\n${message.replace(/\n?$/, "\n")}`;
}

/** What a rule changed, where it did; "" if that is nothing. */
export function renderRemediationLine(remediation: PolicyRemediation, palette: Palette): string {
  const { pack, version, policy, urn, before, after } = remediation;
  const diff = diffObjects(forDisplay(before), forDisplay(after));
  if (diff === undefined) {
    return "";
  }
  const printer = new PropertyPrinter(palette);
  printer.printObjectDiff(diff, 2);
  return `    ${pack}@v${version} [remediate]  ${policy}  ${resourceClause(urn)}\n${printer.toString()}`;
}

/** The table at the end of a tree. */
export function renderPacksRun(packs: readonly PolicyPackIdentity[], palette: Palette): string {
  if (packs.length === 0) {
    return "";
  }
  const rows = packs.map(({ name, version, directory }) => [packKey(name, directory), version] as const);
  const width = Math.max("Name".length, ...rows.map(([key]) => key.length)) + 2;
  const lines = [["Name", "Version"] as const, ...rows].map(
    ([key, version]) => `    ${key.padEnd(width)}${version}`,
  );
  return `\n${palette.headline("Policy Packs run:")}\n${lines.join("\n")}\n`;
}

function packTitle(pack: PolicyPackIdentity): string {
  return `${pack.name}@v${pack.version}`;
}

function isMandatory(violation: PolicyViolation): boolean {
  return violation.enforcementLevel === "mandatory";
}

function heading(violation: PolicyViolation, palette: Palette): string {
  const { enforcementLevel, severity, policy, urn } = violation;
  const text = `[${enforcementLevel}]${severity === "" ? "" : ` [severity: ${severity}]`}  ${policy}`;
  const painted = isMandatory(violation) ? palette.error(text) : palette.warning(text);
  return `${painted}  ${resourceClause(urn)}`;
}

function resourceClause(urn: string): string {
  return `(${displayType(typeOf(urn))}: ${nameOf(urn)})`;
}

function remediationCounts(remediations: readonly PolicyRemediation[]): string[] {
  const counts = new Map<string, number>();
  for (const { policy } of remediations) {
    counts.set(policy, (counts.get(policy) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => compare(a, b))
    .map(
      ([policy, count]) =>
        `${indent}- [remediate]  ${policy}  (${count} ${count === 1 ? "resource" : "resources"})`,
    );
}

/** Mandatory ones first, the worst first, then by rule and resource. */
function compareViolations(a: PolicyViolation, b: PolicyViolation): number {
  return (
    Number(isMandatory(b)) - Number(isMandatory(a)) ||
    severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity) ||
    compare(a.policy, b.policy) ||
    compare(a.urn, b.urn)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
