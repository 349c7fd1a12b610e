// Writes what is generated from the sources and checked in: schema.json, from which the SDKs of other languages are
// made. `--check` writes nothing and fails where a file is stale. Run by `node --import tsx`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { classDocs, interfaceDocs, openSources, schemaDocs, upper, valueDocs } from "./lib/sourceDocs.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const { handlers } = await import("../provider/resources/index.ts");
const { functions } = await import("../provider/functions/index.ts");
const { packageSchema } = await import("../provider/shells/schema.ts");

/** The class of a resource, and where it is. */
const classFiles = { TestFailover: "sdk/failover.ts", Failover: "sdk/failover.ts" };

export function generated() {
  const sources = openSources(root, ["sdk/index.ts", "provider/shells/config.ts", "provider/functions/index.ts"]);
  const types = {};
  const lower = (token) => token.slice(0, 1).toLowerCase() + token.slice(1);
  const perHandler = (make) => Object.fromEntries([...handlers.keys()].map((token) => [token, make(token)]));
  const docs = {
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
  return { "schema.json": `${JSON.stringify(packageSchema(version, docs), null, 2)}\n` };
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
    writeFileSync(place, text);
    console.log(`${file} written`);
  }
}
if (stale > 0) process.exit(1);
