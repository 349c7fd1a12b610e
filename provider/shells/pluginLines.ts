/** What a preview has to say, on the resource it is about. */

import { containsUnknown } from "../connectivity/unknown.js";
import type { Context, Properties } from "../resources/handler.js";

export function showPreview(context: Context, news: Properties): void {
  const lines = linesOf(news, "lines");
  if (lines.length > 0) context.log("info", lines.join("\n"));
}

export function showDrift(context: Context, news: Properties): void {
  const lines = linesOf(news, "drift");
  if (lines.length > 0) context.log("warning", lines.join("\n"));
}

function linesOf(news: Properties, key: "lines" | "drift"): string[] {
  const preview = news.preview;
  if (typeof preview !== "object" || preview === null || containsUnknown(preview)) return [];
  const lines = (preview as Properties)[key];
  return Array.isArray(lines) ? lines.map(String) : [];
}
