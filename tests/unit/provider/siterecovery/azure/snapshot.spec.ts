import { expect } from "chai";
import { Batched } from "../../../../../provider/siterecovery/azure/jobSearch.js";
import { Collection } from "../../../../../provider/siterecovery/azure/snapshot.js";

interface Entry {
  id: string;
  value: number;
}

/** A source whose answers are given by hand, each as it was when it was asked for. */
function source(values: Map<string, number>) {
  const pending: { kind: string; answer: () => void }[] = [];
  const held = <T>(kind: string, value: T): Promise<T> =>
    new Promise((resolve) => pending.push({ kind, answer: () => resolve(value) }));
  const entry = (id: string): Entry | undefined => {
    const value = values.get(id.toLowerCase());
    return value === undefined ? undefined : { id, value };
  };
  return {
    asked: [] as string[],
    list(): Promise<Entry[]> {
      this.asked.push("list");
      return held(
        "list",
        [...values].map(([id, value]) => ({ id, value })),
      );
    },
    get(id: string): Promise<Entry | undefined> {
      this.asked.push(id);
      return held(id, entry(id));
    },
    /** Answers what is asked until nothing is. */
    async settle(): Promise<void> {
      for (let quiet = 0; quiet < 3; ) {
        const next = pending.shift();
        next?.answer();
        quiet = next === undefined ? quiet + 1 : 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A collection whose list comes by pages, each told by hand; one entry alone is read as 100. */
function paged() {
  const asked: {
    tell: (page: readonly Entry[]) => void;
    end: (all: Entry[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const collection = new Collection<Entry>(
    {
      list: (tell) => new Promise((end, fail) => asked.push({ tell, end, fail })),
      get: async (id) => ({ id, value: 100 }),
    },
    1000,
  );
  return {
    collection,
    page: (entries: Entry[]) => asked.at(-1)?.tell(entries),
    end: (all: Entry[]) => asked.at(-1)?.end(all),
    fail: (error: Error) => asked.at(-1)?.fail(error),
    lists: () => asked.length,
  };
}

describe("Collection", () => {
  it("shares one list among concurrent callers", async () => {
    const from = source(new Map([["/a", 1]]));
    const collection = new Collection(from, 1000);
    const found = Promise.all([collection.all(), collection.find("/A"), collection.find("/b")]);
    await from.settle();
    expect(await found).to.deep.equal([[{ id: "/a", value: 1 }], { id: "/a", value: 1 }, undefined]);
    expect(from.asked).to.deep.equal(["list"]);
  });

  it("does not let a list that was asked for before a write hide the write", async () => {
    const values = new Map([["/a", 1]]);
    const from = source(values);
    const collection = new Collection(from, 1000);
    const before = collection.find("/a");
    values.set("/a", 2);
    collection.markStale("/A");
    await from.settle();
    await before;
    const after = collection.find("/a");
    await from.settle();
    expect((await after)?.value).to.equal(2);
    expect(from.asked).to.deep.equal(["list", "/a"]);
  });

  it("does not share a read that was asked for before a second write", async () => {
    const values = new Map([["/a", 1]]);
    const from = source(values);
    const collection = new Collection(from, 1000);
    const listed = collection.all();
    await from.settle();
    await listed;
    collection.markStale("/a");
    const first = collection.find("/a");
    await new Promise((resolve) => setImmediate(resolve));
    values.set("/a", 2);
    collection.markStale("/a");
    const second = collection.find("/a");
    await from.settle();
    expect([(await first)?.value, (await second)?.value]).to.deep.equal([1, 2]);
    const third = collection.find("/a");
    await from.settle();
    expect((await third)?.value).to.equal(2);
  });

  it("reads entries alone after few writes, and by one list after many at once", async () => {
    const values = new Map(Array.from({ length: 30 }, (_, index) => [`/e${index}`, index]));
    const from = source(values);
    const collection = new Collection(from, 1000);
    const one = collection.afterWrite("/e0");
    const others = Array.from({ length: 29 }, (_, index) => collection.afterWrite(`/e${index + 1}`));
    await from.settle();
    expect((await one)?.value).to.equal(0);
    expect((await Promise.all(others)).map((each) => each?.value)).to.deep.equal(
      Array.from({ length: 29 }, (_, index) => index + 1),
    );
    expect(from.asked).to.deep.equal(["/e0", "list"]);
  });

  it("lists again after it was forgotten while a list was on its way", async () => {
    const values = new Map([["/a", 1]]);
    const from = source(values);
    const collection = new Collection(from, 1000);
    const found = collection.find("/a");
    values.set("/a", 2);
    collection.forget();
    await from.settle();
    expect((await found)?.value).to.equal(2);
  });

  it("hands an entry on as soon as its page is there, and one that never comes when the list has ended", async () => {
    const { collection, page, end } = paged();
    const order: string[] = [];
    const found = ["/B", "/c", "/a", "/none"].map(async (id) => {
      const entry = await collection.find(id);
      order.push(id);
      return entry?.value;
    });
    page([{ id: "/a", value: 1 }]);
    page([{ id: "/b", value: 2 }]);
    expect([await found[2], await found[0]]).to.deep.equal([1, 2]);
    expect((await collection.find("/A"))?.value).to.equal(1);
    expect(order).to.have.members(["/a", "/B"]);
    page([{ id: "/c", value: 3 }]);
    end([]);
    expect(await Promise.all(found)).to.deep.equal([2, 3, 1, undefined]);
  });

  it("hands no entry of a page on that a write has made stale since, nor one of before all was forgotten", async () => {
    const { collection, page, end, lists } = paged();
    const found = collection.find("/a");
    collection.markStale("/a");
    page([{ id: "/a", value: 1 }]);
    end([{ id: "/a", value: 1 }]);
    expect((await found)?.value).to.equal(100);
    collection.forget();
    const again = collection.find("/b");
    collection.forget();
    page([{ id: "/b", value: 1 }]);
    end([{ id: "/b", value: 1 }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lists()).to.equal(3);
    end([{ id: "/b", value: 2 }]);
    expect((await again)?.value).to.equal(2);
  });

  it("fails for who waits for a page when the list fails, and not for who has an entry already", async () => {
    const { collection, page, fail } = paged();
    const [first, second] = [collection.find("/a"), collection.find("/b")];
    page([{ id: "/a", value: 1 }]);
    expect((await first)?.value).to.equal(1);
    fail(new Error("down"));
    const message = await second.then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).to.equal("down");
  });

  it("takes a list that is slower than its bound of age, once", async () => {
    let now = 0;
    const from = source(new Map([["/a", 1]]));
    const collection = new Collection(from, 1000, () => (now += 2000));
    const found = collection.find("/a");
    await from.settle();
    expect((await found)?.value).to.equal(1);
    expect(from.asked).to.deep.equal(["list"]);
  });

  it("hands a failed list to those who wait, and asks again for the next", async () => {
    let tries = 0;
    const collection = new Collection<Entry>(
      {
        list: async () => {
          tries += 1;
          if (tries === 1) throw new Error("down");
          return [];
        },
        get: async () => undefined,
      },
      1000,
    );
    const results = await Promise.allSettled([collection.all(), collection.find("/a")]);
    expect(results.map(({ status }) => status)).to.deep.equal(["rejected", "rejected"]);
    expect(await collection.all()).to.deep.equal([]);
  });
});

describe("Batched", () => {
  it("never gives an answer that was asked for before its question, and shares the next one", async () => {
    let runs = 0;
    const release: (() => void)[] = [];
    const batched = new Batched(async () => {
      runs += 1;
      const run = runs;
      await new Promise<void>((resolve) => release.push(resolve));
      return run;
    });
    const first = batched.ask();
    await new Promise((resolve) => setImmediate(resolve));
    const second = batched.ask();
    const third = batched.ask();
    release.shift()?.();
    expect(await first).to.equal(1);
    await new Promise((resolve) => setImmediate(resolve));
    release.shift()?.();
    expect(await Promise.all([second, third])).to.deep.equal([2, 2]);
  });
});
