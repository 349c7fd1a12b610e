// Packs the provider plugin for `pulumi plugin install resource siterecovery <version> --file <archive>`: what its
// process needs, with the plugin's own entry as `main`. Pulumi installs the dependencies that package.json names.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const { version, license, engines, dependencies, devDependencies } = JSON.parse(
  readFileSync(path.join(root, "package.json"), "utf8"),
);
const out = path.resolve(process.argv[2] ?? `pulumi-resource-siterecovery-v${version}.tar.gz`);
const staging = mkdtempSync(path.join(os.tmpdir(), "siterecovery-plugin-"));
const at = (...parts) => path.join(staging, ...parts);
try {
  // Only what the plugin's process imports: not the emulator's certificates, not YAML.
  const { selfsigned: _certificates, yaml: _yaml, ...needed } = dependencies;
  const manifest = {
    name: "pulumi-resource-siterecovery",
    version,
    private: true,
    license,
    engines,
    main: "dist/provider/shells/plugin.js",
    // Pulumi's launcher loads a TypeScript compiler whatever the plugin is written in, and reads the tsconfig.json of the
    // program that is run; the old one that it brings along refuses a present-day target.
    dependencies: { ...needed, typescript: devDependencies.typescript },
  };
  writeFileSync(at("package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(at("dist"));
  for (const folder of ["protocol", "provider"]) {
    cpSync(path.join(root, "dist", folder), at("dist", folder), {
      recursive: true,
      filter: (source) => !source.endsWith(".d.ts"),
    });
  }
  for (const [file, from] of Object.entries({
    "PulumiPlugin.yaml": "plugin/PulumiPlugin.yaml",
    "schema.json": "schema.json",
    LICENSE: "LICENSE",
    NOTICE: "NOTICE",
  }))
    copyFileSync(path.join(root, from), at(file));
  const { status, stderr } = spawnSync("tar", ["-czf", out, "-C", staging, "."], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar ended with ${status}: ${stderr}`);
  console.log(out);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
