/** The words that arguments take, as constants of the TypeScript SDK under the names that every SDK gives them. */

interface EnumType {
  description?: string;
  enum?: { name: string; value: string | number }[];
}

/** A source file: for each enum of the package schema an object of its words and the type of them. */
export function enumSource(types: Readonly<Record<string, EnumType>>): string {
  const parts = Object.entries(types).flatMap(([token, type]) => {
    if (!type.enum) return [];
    const name = token.slice(token.lastIndexOf(":") + 1);
    const members = type.enum.map((each) => `  ${each.name}: ${JSON.stringify(each.value)},`);
    return [
      [
        ...(type.description ? [`/** ${type.description.replace(/\*\//g, "* /")} */`] : []),
        `export const ${name} = {`,
        ...members,
        "} as const;",
        `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
      ].join("\n"),
    ];
  });
  return `${[
    "// Generated from the schemas in provider/ by `npm run generate`. Change those.",
    "/** The words that arguments take, as constants: the code that `pulumi import` prints names them so. */",
    ...parts,
  ].join("\n\n")}\n`;
}
