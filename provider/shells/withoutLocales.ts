/**
 * Keeps zod from loading its translations, by being imported before zod is: every entry of zod loads all of them, more
 * than half of what zod costs a start. English, the one that is used, is loaded by zod on its own. Only for a process
 * that runs nothing but this package: others in it may want them.
 */

import Module from "node:module";

const file = require.resolve("zod/v4/locales");
require.cache[file] ??= Object.assign(new Module(file), { exports: {}, loaded: true });
