// Reads what only the sources say: the doc comments of the zod schemas, and the outputs of the SDK's classes and of
// functions with their types and comments. So there is one place for each text.
import path from "node:path";
import ts from "typescript";

/** A program over the given files, with its checker. */
export function openSources(root, files) {
  const config = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(
    files.map((file) => path.join(root, file)),
    { ...options, noEmit: true, incremental: false, tsBuildInfoFile: undefined },
  );
  const checker = program.getTypeChecker();
  return { root, program, checker };
}

function sourceFile({ root, program }, file) {
  const found = program.getSourceFile(path.join(root, file));
  if (!found) throw new Error(`no such source: ${file}`);
  return found;
}

/** Text and examples of the doc comment on a node. */
function commentOf(node) {
  const parts = ts.getJSDocCommentsAndTags(node);
  const text = parts
    .filter(ts.isJSDoc)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "")
    .join("\n");
  const tags = ts.getJSDocTags(node);
  const tag = (name) =>
    tags
      .filter((each) => each.tagName.text === name)
      // A link's scheme is parsed as a name: the whole text is the source's own.
      .map((each) =>
        each
          .getText()
          .replace(/^@\w+\s*/, "")
          .replace(/^[ \t]*\* ?/gm, "")
          .trim(),
      );
  return { text: flow(text), see: tag("see"), examples: tag("example") };
}

/** Lines of one paragraph as one line. */
function flow(text) {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, " ").trim())
    .filter(Boolean)
    .join("\n\n");
}

/**
 * The comments of an exported zod schema, in its own shape: `{text, properties?, element?}`.
 */
export function schemaDocs(sources, file, name) {
  const { checker } = sources;
  const moduleSymbol = checker.getSymbolAtLocation(sourceFile(sources, file));
  let symbol = checker.getExportsOfModule(moduleSymbol).find((each) => each.name === name);
  if (!symbol) throw new Error(`${file} exports no ${name}`);
  if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return docsOfDeclaration(sources, symbol.valueDeclaration, new Map());
}

/** `bound`: what the parameters of a function that makes schemas stand for, by their declarations. */
function docsOfDeclaration(sources, declaration, bound) {
  if (!declaration) return { text: "" };
  if (bound.has(declaration)) return docsOf(sources, bound.get(declaration), new Map());
  const { initializer } = declaration;
  return { ...(initializer ? docsOf(sources, initializer, bound) : {}), text: commentOf(declaration).text };
}

function resolve({ checker }, node) {
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.valueDeclaration;
}

function docsOf(sources, node, bound) {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node))
    return docsOf(sources, node.expression, bound);
  if (ts.isIdentifier(node)) return docsOfDeclaration(sources, resolve(sources, node), bound);
  if (ts.isObjectLiteralExpression(node)) return { text: "", properties: propertiesOf(sources, node, bound) };
  if (ts.isPropertyAccessExpression(node)) return docsOfDeclaration(sources, resolve(sources, node), bound);
  if (!ts.isCallExpression(node)) return { text: "" };
  if (ts.isIdentifier(node.expression)) return docsOfMade(sources, node);
  if (!ts.isPropertyAccessExpression(node.expression)) return { text: "" };
  const { expression: owner, name: method } = node.expression;
  if (!ts.isIdentifier(owner) || owner.text !== "z") return docsOf(sources, owner, bound);
  const [first, second] = node.arguments;
  if (["object", "strictObject"].includes(method.text)) return docsOf(sources, first, bound);
  if (method.text === "array") return { text: "", element: docsOf(sources, first, bound) };
  if (method.text === "record") return { text: "", element: docsOf(sources, second, bound) };
  if (method.text === "preprocess") return docsOf(sources, second, bound);
  if (method.text === "discriminatedUnion" || method.text === "union") {
    const { elements } = method.text === "union" ? first : second;
    const variants = elements.map((variant) => docsOf(sources, variant, bound).properties ?? {});
    const properties = {};
    for (const variant of variants) for (const [key, value] of Object.entries(variant)) properties[key] ??= value;
    return { text: "", properties };
  }
  return { text: "" };
}

/** The comments inside the schema that a function of ours makes of its arguments. */
function docsOfMade(sources, call) {
  const made = resolve(sources, call.expression);
  if (!made || !ts.isFunctionDeclaration(made) || !made.body) return { text: "" };
  const returned = made.body.statements.find(ts.isReturnStatement)?.expression;
  if (!returned) return { text: "" };
  const inside = new Map(
    made.parameters.flatMap((parameter, index) =>
      call.arguments[index] ? [[parameter, call.arguments[index]]] : [],
    ),
  );
  return docsOf(sources, returned, inside);
}

function propertiesOf(sources, literal, bound) {
  const properties = {};
  for (const member of literal.properties) {
    if (ts.isSpreadAssignment(member))
      Object.assign(properties, docsOf(sources, member.expression, bound).properties ?? {});
    else if (ts.isPropertyAssignment(member)) {
      const inner = docsOf(sources, member.initializer, bound);
      properties[member.name.text] = { ...inner, text: commentOf(member).text || inner.text };
    } else if (ts.isShorthandPropertyAssignment(member)) {
      let symbol = sources.checker.getShorthandAssignmentValueSymbol(member);
      if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = sources.checker.getAliasedSymbol(symbol);
      const inner = docsOfDeclaration(sources, symbol?.valueDeclaration, bound);
      properties[member.name.text] = { ...inner, text: commentOf(member).text || inner.text };
    }
  }
  return properties;
}

/** The outputs that a class declares (`declare readonly x: pulumi.Output<T>`), and the class's own comment. */
export function classDocs(sources, file, name, types) {
  const declaration = sourceFile(sources, file).statements.find(
    (statement) => ts.isClassDeclaration(statement) && statement.name?.text === name,
  );
  if (!declaration) throw new Error(`${file} has no class ${name}`);
  const properties = {};
  for (const member of declaration.members) {
    if (!ts.isPropertyDeclaration(member) || !member.type || !ts.isTypeReferenceNode(member.type)) continue;
    const [inner] = member.type.typeArguments ?? [];
    if (!inner) continue;
    const type = sources.checker.getTypeFromTypeNode(inner);
    properties[member.name.text] = {
      text: commentOf(member).text,
      ...typeOf(sources, type, name + upper(member.name.text), types),
    };
  }
  return { ...commentOf(declaration), properties };
}

/** The properties of an exported interface. */
export function interfaceDocs(sources, file, name, types) {
  const moduleSymbol = sources.checker.getSymbolAtLocation(sourceFile(sources, file));
  const symbol = sources.checker.getExportsOfModule(moduleSymbol).find((each) => each.name === name);
  if (!symbol) throw new Error(`${file} exports no ${name}`);
  const type = sources.checker.getDeclaredTypeOfSymbol(symbol);
  return { text: commentOf(symbol.declarations[0]).text, properties: membersOf(sources, type, name, types) };
}

/** The comment of an exported value. */
export function valueDocs(sources, file, name) {
  const moduleSymbol = sources.checker.getSymbolAtLocation(sourceFile(sources, file));
  const symbol = sources.checker.getExportsOfModule(moduleSymbol).find((each) => each.name === name);
  if (!symbol) throw new Error(`${file} exports no ${name}`);
  return commentOf(symbol.valueDeclaration);
}

function membersOf(sources, type, owner, types) {
  const members = {};
  for (const member of sources.checker.getPropertiesOfType(type)) {
    const declaration = member.valueDeclaration ?? member.declarations?.[0];
    const memberType = sources.checker.getTypeOfSymbol(member);
    const described = typeOf(sources, memberType, owner + upper(member.name), types);
    members[member.name] = {
      text: declaration ? commentOf(declaration).text : "",
      ...described,
      isOptional: described.isOptional || Boolean(member.flags & ts.SymbolFlags.Optional),
    };
  }
  return members;
}

/** A TypeScript type as data; objects are collected in `types` by their name. */
function typeOf(sources, type, hint, types) {
  const { checker } = sources;
  const given = type.isUnion() ? type.types : [type];
  const parts = given.filter((part) => !(part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
  const isOptional = parts.length < given.length;
  if (given.some((part) => part.flags & ts.TypeFlags.Null))
    return { ...typeOf(sources, checker.getNonNullableType(type), hint, types), isOptional, isNullable: true };
  const all = (flags) => parts.length > 0 && parts.every((part) => part.flags & flags);
  if (all(ts.TypeFlags.BooleanLike)) return { kind: "boolean", isOptional };
  if (all(ts.TypeFlags.StringLiteral))
    return { kind: "string", values: parts.map((part) => part.value), isOptional };
  if (all(ts.TypeFlags.StringLike)) return { kind: "string", isOptional };
  if (all(ts.TypeFlags.NumberLike)) return { kind: "number", isOptional };
  const [only] = parts;
  if (parts.length !== 1 || !(only.flags & ts.TypeFlags.Object)) return { kind: "any", isOptional };
  if (checker.isArrayType(only)) {
    const [element] = checker.getTypeArguments(only);
    return { kind: "array", element: typeOf(sources, element, singular(hint), types), isOptional };
  }
  const symbol = only.aliasSymbol ?? only.getSymbol();
  const isNamed = symbol && !["__type", "__object", "Omit"].includes(symbol.name);
  const name = isNamed ? symbol.name : hint;
  if (!types[name]) {
    // Set before its members are read: a type may hold itself.
    types[name] = { text: isNamed ? commentOf(symbol.declarations[0]).text : "", properties: {} };
    types[name].properties = membersOf(sources, only, name, types);
  }
  return { kind: "object", name, isOptional };
}

export function upper(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function singular(text) {
  return text.replace(/ies$/, "y").replace(/([^s])s$/, "$1");
}
