/** Every resource by its token, all of them loaded. */

import type { Handler } from "./handler.js";
import { loadHandler, tokens } from "./load.js";

export const handlers: ReadonlyMap<string, Handler> = new Map(
  tokens.flatMap((token) => {
    const handler = loadHandler(token);
    return handler ? [[token, handler]] : [];
  }),
);
