import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import { expect } from "chai";
import { retryAfterMs } from "../../../../../provider/siterecovery/azure/delivery.js";
import { redact } from "../../../../../provider/siterecovery/azure/failures.js";
import { pauseMs } from "../../../../../provider/siterecovery/azure/pacing.js";
import { tokenBucket } from "../../../../../provider/siterecovery/azure/rateLimit.js";

function answer(headers: Record<string, string>) {
  return {
    status: 429,
    headers: createHttpHeaders(headers),
    request: createPipelineRequest({ url: "https://x" }),
  };
}

describe("retryAfterMs", () => {
  it("reads seconds, a date and Azure's millisecond headers, and nothing else", () => {
    expect(retryAfterMs(answer({ "retry-after": "30" }))).to.equal(30_000);
    expect(retryAfterMs(answer({ "retry-after": "0" }))).to.equal(0);
    expect(retryAfterMs(answer({ "retry-after-ms": "250", "retry-after": "30" }))).to.equal(250);
    expect(retryAfterMs(answer({ "retry-after": new Date(Date.now() + 60_000).toUTCString() }))).to.be.within(
      58_000,
      60_000,
    );
    expect(retryAfterMs(answer({ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }))).to.equal(0);
    for (const odd of ["", "soon", "-5x"])
      expect(retryAfterMs(answer({ "retry-after": odd })), odd).to.equal(undefined);
    expect(retryAfterMs(undefined)).to.equal(undefined);
  });
});

describe("pauseMs", () => {
  const pacing = { floorMs: 20, ceilingMs: 30_000 };
  it("is a twentieth of the age between floor and ceiling, and never below what Azure asks for", () => {
    expect([0, 400, 2000, 60_000, 3_600_000].map((age) => pauseMs(pacing, age))).to.deep.equal([
      20, 20, 100, 3000, 30_000,
    ]);
    expect(pauseMs({ ...pacing, retryAfterMs: () => 30_000 }, 0)).to.equal(30_000);
    expect(pauseMs({ ...pacing, retryAfterMs: () => 0 }, 0)).to.equal(20);
  });
});

describe("tokenBucket", () => {
  it("lets its capacity through at once and then holds to the refill, in the order asked", async () => {
    const bucket = tokenBucket(5, 100);
    const startedAt = performance.now();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 15 }, async (_, index) => {
        await bucket.take();
        order.push(index);
      }),
    );
    expect(performance.now() - startedAt).to.be.within(90, 400);
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
  });

  it("refills with time, and never above its capacity", async () => {
    let now = 0;
    const bucket = tokenBucket(2, 1, () => now);
    await bucket.take();
    await bucket.take();
    now += 10_000;
    await bucket.take();
    await bucket.take();
    const waiting = new AbortController();
    const third = bucket.take(waiting.signal).then(
      () => "sent",
      () => "held",
    );
    waiting.abort();
    expect(await third).to.equal("held");
  });
});

describe("redact", () => {
  it("takes out tokens, signatures and secrets and leaves the rest", () => {
    expect(redact("Authorization: Bearer abc.def-1, sent")).to.equal("Authorization: Bearer <token>, sent");
    expect(redact("https://a/b?sig=xyz%3D&se=1")).to.equal("https://a/b?sig=<secret>&se=1");
    expect(redact('client_secret=hush&x=1 {"password":"p"}')).to.equal(
      'client_secret=<secret>&x=1 {"password":"<secret>"}',
    );
    expect(redact("The policy is in use.")).to.equal("The policy is in use.");
  });
});
