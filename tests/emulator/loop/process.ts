/** A provider process: one connection and one context, for one command; it can be killed at any call of the adapter. */

import { type Context, newRunMemory } from "../../../provider/resources/handler.js";
import { connect } from "../../../provider/siterecovery/azure/index.js";
import type { SiteRecovery } from "../../../provider/siterecovery/siteRecovery.js";
import { Killed } from "./pulumiStack.js";
import { vault } from "./rings.js";

export interface Kill {
  /** Before which call of the adapter, from 1; beyond the last one nothing is killed. */
  call: number;
  /** True = the call is made, and the process is dead before its answer comes. */
  isAfter: boolean;
}

export interface ProviderProcess {
  context: Context;
  siteRecovery: SiteRecovery;
  lines: string[];
  isDead(): boolean;
  /** Resolves when nothing of it is under way any more. */
  ended(): Promise<void>;
}

export function startProcess(endpoint: string, kill?: Kill): ProviderProcess {
  let calls = 0;
  let isDead = false;
  const underWay = new Set<Promise<unknown>>();
  const end = new AbortController();
  const die = (): never => {
    isDead = true;
    end.abort();
    throw new Killed("the process was killed");
  };
  const connection = connect({
    vault,
    endpoint,
    credential: () => Promise.reject(new Error("no credential is for a loopback endpoint")),
    beforeWrite: async () => {
      if (isDead) throw new Killed("the process was killed");
    },
    signal: end.signal,
    pollIntervalSeconds: 0.02,
    maxOutageSeconds: 5,
  });
  const call = async (method: (...args: unknown[]) => unknown, args: unknown[]): Promise<unknown> => {
    if (isDead) return die();
    calls += 1;
    const isLast = calls === kill?.call;
    if (isLast && !kill?.isAfter) return die();
    const answer = Promise.resolve(method(...args));
    underWay.add(answer);
    try {
      const value = await answer;
      return isLast || isDead ? die() : value;
    } catch (error) {
      return isLast || isDead ? die() : Promise.reject(error);
    } finally {
      underWay.delete(answer);
    }
  };
  const siteRecovery = new Proxy(connection, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      if (key === "forgetSnapshot") return () => target.forgetSnapshot();
      return (...args: unknown[]) => call((...given) => Reflect.apply(member, target, given) as unknown, args);
    },
  });
  const lines: string[] = [];
  return {
    siteRecovery,
    lines,
    context: {
      connect: () => siteRecovery,
      defaults: {},
      ...newRunMemory(),
      log: (severity, message) => lines.push(`${severity}: ${message}`),
    },
    isDead: () => isDead,
    ended: async () => {
      await Promise.allSettled(underWay);
    },
  };
}
