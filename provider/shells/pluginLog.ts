/** Lines of a provider on the resource that they tell of, in the engine's own display. */

import { Client, credentials } from "@grpc/grpc-js";
import { log, logSeverities } from "../../protocol/engine.js";
import type { Severity } from "../resources/handler.js";

export interface EngineLog {
  /** Sends a line; `status` lines of one resource go out once every two seconds, the newest one. */
  line(urn: string, severity: Severity, message: string): void;
  /** Resolves when every line of a resource has arrived; a status line that still waits is dropped. */
  flush(urn: string): Promise<void>;
}

/** Each status line is a line of its own where the display is no terminal. */
const statusIntervalMs = 2_000;

interface Lines {
  sent: Set<Promise<void>>;
  lastStatus: number;
  waiting?: { message: string; timer: NodeJS.Timeout };
}

/**
 * The log of the engine at an address; without one lines go nowhere, since nobody shows them.
 *
 * @param address `host:port`
 * @param redact takes secrets out of a line before it leaves the process
 */
export function engineLog(address: string | undefined, redact: (text: string) => string): EngineLog {
  if (!address) return { line: () => undefined, flush: async () => undefined };
  const client = new Client(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  const all = new Map<string, Lines>();
  const of = (urn: string): Lines => {
    const lines = all.get(urn) ?? { sent: new Set(), lastStatus: 0 };
    all.set(urn, lines);
    return lines;
  };
  const send = (urn: string, lines: Lines, severity: Severity, message: string): void => {
    const request = {
      urn,
      severity: severity === "warning" ? logSeverities.warning : logSeverities.info,
      ephemeral: severity === "status",
      message: redact(message),
    };
    const sent = new Promise<void>((resolve) => {
      // A line that cannot be shown must not fail the work that it tells of.
      client.makeUnaryRequest(log.path, log.requestSerialize, log.responseDeserialize, request, () => resolve());
    }).then(() => void lines.sent.delete(sent));
    lines.sent.add(sent);
  };
  return {
    line(urn, severity, message) {
      const lines = of(urn);
      if (severity !== "status") return send(urn, lines, severity, message);
      if (lines.waiting) {
        lines.waiting.message = message;
        return;
      }
      const pause = lines.lastStatus + statusIntervalMs - Date.now();
      if (pause <= 0) {
        lines.lastStatus = Date.now();
        return send(urn, lines, severity, message);
      }
      const waiting = {
        message,
        timer: setTimeout(() => {
          delete lines.waiting;
          lines.lastStatus = Date.now();
          send(urn, lines, severity, waiting.message);
        }, pause),
      };
      lines.waiting = waiting;
    },
    async flush(urn) {
      const lines = all.get(urn);
      if (!lines) return;
      if (lines.waiting) clearTimeout(lines.waiting.timer);
      delete lines.waiting;
      await Promise.all(lines.sent);
      all.delete(urn);
    },
  };
}
