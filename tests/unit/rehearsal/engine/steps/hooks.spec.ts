import { expect } from "chai";
import { type HookSubject, Hooks } from "../../../../../rehearsal/engine/steps/hooks.js";

const urn = "urn:pulumi:dev::p::a:index:B::c";

function subject(resourceHooks: Record<string, string[]>): HookSubject {
  return { state: { urn, type: "a:index:B", custom: true, resourceHooks } };
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "",
    (error: Error) => error.message,
  );
}

describe("Hooks", () => {
  const warnings: string[] = [];
  const hooks = (isPreview = false): Hooks => {
    warnings.length = 0;
    return new Hooks({ isPreview, warn: (about, message) => warnings.push(`${about} ${message}`) });
  };
  const objecting = async (): Promise<void> => {
    throw new Error("no");
  };

  it("runs those of the type in their order, and in previews only those that want it", async () => {
    const ran: string[] = [];
    const registry = hooks(true);
    for (const [name, runsInPreviews] of [
      ["a", true],
      ["b", false],
      ["c", true],
    ] as const) {
      registry.register(name, {
        runsInPreviews,
        ignoresErrors: false,
        call: async () => {
          ran.push(name);
        },
      });
    }
    await registry.run("BeforeCreate", subject({ BeforeCreate: ["c", "b", "a"], AfterCreate: ["a"] }));
    expect(ran).to.deep.equal(["c", "a"]);
  });

  it("says which hook objected and when, or only warns of it", async () => {
    const registry = hooks();
    registry.register("strict", { runsInPreviews: false, ignoresErrors: false, call: objecting });
    registry.register("mild", { runsInPreviews: false, ignoresErrors: true, call: objecting });
    await registry.run("AfterDelete", subject({ AfterDelete: ["mild"] }));
    expect(warnings).to.deep.equal([`${urn} AfterDelete hook "mild" failed: no`]);
    expect(await rejection(registry.run("BeforeUpdate", subject({ BeforeUpdate: ["strict"] })))).to.equal(
      'before hook "strict" failed: no',
    );
    expect(await rejection(registry.run("AfterUpdate", subject({ AfterUpdate: ["gone"] })))).to.equal(
      'hook "gone" was not registered',
    );
  });

  it("refuses a name that is empty or taken, by a hook of either sort", () => {
    const registry = hooks();
    const errorHook = { call: async () => false };
    registry.registerForErrors("a", errorHook);
    expect(() =>
      registry.register("a", { runsInPreviews: false, ignoresErrors: false, call: objecting }),
    ).to.throw('resource hook already registered for name "a"');
    expect(() => registry.registerForErrors("", errorHook)).to.throw("resource hook name cannot be empty");
  });

  it("tries again while a hook asks for it, with all errors so far, the newest first", async () => {
    const registry = hooks();
    const seen: (readonly string[])[] = [];
    registry.registerForErrors("again", {
      call: async (_subject, operation, errors) => {
        seen.push([operation, ...errors]);
        return true;
      },
    });
    let tries = 0;
    const answer = await registry.retrying("create", subject({ OnError: ["again"] }), async () => {
      tries++;
      if (tries < 3) {
        throw new Error(`failure ${tries}`);
      }
      return tries;
    });
    expect(answer).to.equal(3);
    expect(seen).to.deep.equal([
      ["create", "failure 1"],
      ["create", "failure 2", "failure 1"],
    ]);
    expect(warnings[1]).to.equal(`${urn} retrying create due to on-error hook request (2/100)`);
  });

  it("gives up where no hook asks for another try, after 100 of them, and where a hook itself fails", async () => {
    const registry = hooks();
    let tries = 0;
    const failing = async (): Promise<never> => {
      tries++;
      throw new Error("failure");
    };
    registry.registerForErrors("never", { call: async () => false });
    registry.registerForErrors("always", { call: async () => true });
    registry.registerForErrors("broken", { call: () => Promise.reject(new Error("no")) });
    expect(await rejection(registry.retrying("update", subject({}), failing))).to.equal("failure");
    expect(await rejection(registry.retrying("update", subject({ OnError: ["never"] }), failing))).to.equal(
      "failure",
    );
    expect(tries).to.equal(2);
    expect(await rejection(registry.retrying("delete", subject({ OnError: ["always"] }), failing))).to.equal(
      "maximum number of error hook retries reached",
    );
    expect(tries).to.equal(102);
    expect(await rejection(registry.retrying("delete", subject({ OnError: ["broken"] }), failing))).to.equal(
      'error hooks execution failed: error hook "broken" failed: no',
    );
  });
});
