/**
 * Loaded into a program's and a dynamic provider's process ahead of the Pulumi SDK. The SDK loads the TypeScript
 * compiler and npm's dependency solver whenever it is loaded, two thirds of its time, and uses them only to serialise
 * functions. Here both are found at once, so that a missing one is missing as ever, and loaded when first used.
 */
import Module from "node:module";
import { sep } from "node:path";

/** What is loaded late, by the end of the path of the SDK's module that asks for it. */
const lateModules: Record<string, string> = {
  [["@pulumi", "pulumi", "typescript-shim.js"].join(sep)]: "typescript",
  [["@pulumi", "pulumi", "runtime", "closure", "codePaths.js"].join(sep)]: "@npmcli/arborist",
};

interface Loader {
  _load(request: string, parent: NodeJS.Module | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: NodeJS.Module | undefined): string;
}

const loader = Module as unknown as Loader;
const load = loader._load;

loader._load = function (this: unknown, request, parent, isMain): unknown {
  const asking = parent?.filename ?? "";
  const isLate = Object.entries(lateModules).some(([end, name]) => request === name && asking.endsWith(end));
  if (!isLate) {
    return load.call(this, request, parent, isMain);
  }
  loader._resolveFilename(request, parent);
  let loaded: object | undefined;
  const module = (): object => {
    loaded ??= load.call(this, request, parent, isMain) as object;
    return loaded;
  };
  return new Proxy(
    {},
    {
      // An ES module to whoever imports it, so that its members are not copied, which would load it.
      get: (_target, key) => (key === "__esModule" ? true : Reflect.get(module(), key)),
      has: (_target, key) => Reflect.has(module(), key),
      ownKeys: () => Reflect.ownKeys(module()),
      getOwnPropertyDescriptor: (_target, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(module(), key);
        return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
      },
    },
  );
};
