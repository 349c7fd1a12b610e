// Writes what is generated from the sources and checked in: schema.json, from which the SDKs of other languages are
// made, the argument types of our own SDK, the schema of evidence, and the documentation of the policies. `--check` writes nothing and fails where a file is stale. Run by
// `node --import tsx`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { argumentTypes } from "./lib/argumentTypes.ts";
import { enumSource } from "./lib/enums.ts";
import { evidenceSchema } from "./lib/evidenceSchema.ts";
import { policyDocs } from "./lib/policyDocs.ts";
import { rolesPage } from "./lib/rolesPage.ts";
import { classDocs, interfaceDocs, openSources, schemaDocs, upper, valueDocs } from "./lib/sourceDocs.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const { handlers } = await import("../provider/resources/index.ts");
const { functions } = await import("../provider/functions/index.ts");
const { packageSchema } = await import("../provider/shells/schema.ts");
const { rules } = await import("../sdk/policy/rules/index.ts");
const { vaultFields } = await import("../provider/resources/schema.ts");
const { configSchema } = await import("../provider/shells/config.ts");

/** The class of a resource, and where it is. */
const classFiles = { TestFailover: "sdk/failover.ts", Failover: "sdk/failover.ts" };

export function generated() {
  const sources = openSources(root, [
    "sdk/index.ts",
    "provider/resources/index.ts",
    "provider/shells/config.ts",
    "provider/functions/index.ts",
  ]);
  const types = {};
  const lower = (token) => token.slice(0, 1).toLowerCase() + token.slice(1);
  const perHandler = (make) => Object.fromEntries([...handlers.keys()].map((token) => [token, make(token)]));
  const docs = {
    vault: schemaDocs(sources, "provider/resources/schema.ts", "vaultFields"),
    config: schemaDocs(sources, "provider/shells/config.ts", "configSchema"),
    inputs: perHandler((token) =>
      schemaDocs(sources, `provider/resources/${lower(token)}.ts`, `${lower(token)}Schema`),
    ),
    resources: perHandler((token) => classDocs(sources, classFiles[token] ?? "sdk/setup.ts", token, types)),
    functions: Object.fromEntries(
      [...functions.keys()].map((token) => {
        const file = `provider/functions/${token}.ts`;
        return [
          token,
          {
            text: valueDocs(sources, file, token).text,
            args: schemaDocs(sources, file, `${token}Schema`),
            result: interfaceDocs(sources, file, `${upper(token)}Result`, types),
          },
        ];
      }),
    ),
    types,
  };
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const schema = packageSchema(version, docs);
  return {
    "schema.json": `${JSON.stringify(schema, null, 2)}\n`,
    "sdk/generated/enums.ts": formatted("sdk/generated/enums.ts", enumSource(schema.types)),
    "docs/policies.md": policyDocs(rules),
    "docs/roles.md": rolesPage(),
    "docs/evidence.schema.json": evidenceSchemaText(sources),
    ...sdkTypes(docs),
  };
}

/** The JSON Schema of a line of a history. */
function evidenceSchemaText(sources) {
  const types = {};
  const run = interfaceDocs(sources, "provider/evidence/types.ts", "RunEvidence", types);
  return formatted("docs/evidence.schema.json", JSON.stringify(evidenceSchema(run, types)));
}

/** The argument types of the TypeScript SDK. */
function sdkTypes(docs) {
  const resources = [...handlers.values()].map(({ token, schema }) => ({
    name: `${token}Args`,
    path: token,
    schema,
    docs: docs.inputs[token],
    text: `Arguments of \`${token}\`.`,
  }));
  const called = [...functions.values()].map(({ token, schema }) => ({
    name: `${upper(token)}Args`,
    path: token,
    schema,
    docs: docs.functions[token].args,
    text: `Arguments of \`${token}\`.`,
  }));
  const provider = {
    name: "ProviderArgs",
    path: "config",
    // Only the classes choose a shell, and a provider instance is the plugin's.
    schema: configSchema.omit({ shell: true }),
    docs: docs.config,
    text: "What a provider instance may set; each key means what `siterecovery:<key>` means for the stack.",
  };
  const vault = (name) => ({
    name,
    path: "vault",
    schema: z.strictObject(vaultFields),
    docs: docs.vault,
    text: "In which vault; what is left out comes from the stack's configuration.",
  });
  return Object.fromEntries(
    Object.entries({
      "sdk/generated/resourceArgs.ts": argumentTypes(resources, {
        text: "Arguments of the resources.",
        shared: [vault("VaultArgs")],
        takesInputs: true,
      }),
      "sdk/generated/functionArgs.ts": argumentTypes(called, {
        text: "Arguments of the functions: plain values, because a function runs while the program does.",
        shared: [vault("FunctionVaultArgs")],
        takesInputs: false,
        imported: { WantedAccess: "../../provider/connectivity/types.js" },
      }),
      "sdk/generated/providerArgs.ts": argumentTypes([provider], {
        text: "Arguments of an explicit provider instance.",
        takesInputs: true,
      }),
    }).map(([file, text]) => [file, formatted(file, text)]),
  );
}

function formatted(file, text) {
  const require = createRequire(import.meta.url);
  const biome = require.resolve("@biomejs/biome/bin/biome");
  const words = [biome, "format", `--stdin-file-path=${file}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} cannot be formatted: ${stderr}`);
  return stdout;
}

const isCheck = process.argv.includes("--check");
let stale = 0;
for (const [file, text] of Object.entries(generated())) {
  const place = path.join(root, file);
  if (isCheck) {
    let present = "";
    try {
      present = readFileSync(place, "utf8");
    } catch {
      // A file that is not there is stale.
    }
    if (present === text) continue;
    stale += 1;
    console.error(`${file} is stale: run \`npm run generate\` and commit it`);
  } else {
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
    console.log(`${file} written`);
  }
}
if (stale > 0) process.exit(1);
