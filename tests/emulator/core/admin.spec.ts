import { expect } from "chai";
import { describeEmulator, failure, network, resourceGroup } from "./describeEmulator.js";

describeEmulator("the admin API", ({ send, at, emulator }) => {
  const net = () => at("Microsoft.Network/virtualNetworks/net1");

  it("says that the emulator is well", async () => {
    expect((await send("GET", "/_emulator/health")).body).to.include({ status: "ok" });
  });

  it("moves the clock by hand: advance, set, freeze, speed", async () => {
    expect((await send("GET", "/_emulator/clock")).body).to.deep.include({
      now: "2026-01-31T08:00:00.000Z",
      frozen: true,
      speed: 1,
    });
    expect((await send("POST", "/_emulator/clock", { advanceSeconds: 90 })).body.now).to.equal(
      "2026-01-31T08:01:30.000Z",
    );
    expect((await send("POST", "/_emulator/clock", { set: "2026-01-31T09:00:00Z" })).body.now).to.equal(
      "2026-01-31T09:00:00.000Z",
    );
    const running = await send("POST", "/_emulator/clock", { freeze: false, speed: 100_000 });
    expect(running.body).to.include({ frozen: false, speed: 100_000 });
    expect(Date.parse((await send("GET", "/_emulator/clock")).body.now)).to.be.greaterThan(
      Date.parse("2026-01-31T09:00:00Z"),
    );
  });

  it("refuses bad input naming property, value and what is allowed, all of it", async () => {
    const clock = await send("POST", "/_emulator/clock", { speed: -1, freeze: "yes", colour: 1 });
    expect(clock.status).to.equal(400);
    expect(clock.body.error.details.map((detail: { target: string }) => detail.target)).to.have.members([
      "speed",
      "freeze",
      "colour",
    ]);
    expect(clock.body.error.message).to.contain("given -1");
    expect(
      (await send("POST", "/_emulator/clock", { set: "2020-01-01T00:00:00Z" })).body.error.message,
    ).to.contain("lies before now");
    expect((await send("POST", "/_emulator/clock")).status).to.equal(400);
    const fault = await send("POST", "/_emulator/faults", { kind: "explode" });
    expect(fault.body.error.message).to.contain(
      "allowed: refuse, throttle, drop, delay, failTask, sourceUnreachable, regionDown",
    );
    const pattern = await send("POST", "/_emulator/faults", { kind: "refuse", status: 503, path: "(" });
    expect(pattern.body.error.details[0]).to.include({
      target: "path",
      message: 'must be a regular expression, given "("',
    });
    expect((await send("PUT", "/_emulator/state", { version: 2 })).body.error.message).to.contain(
      "version is 2, allowed: 1",
    );
    expect((await send("GET", "/_emulator/nothing")).status).to.equal(404);
    expect((await send("DELETE", "/_emulator/clock")).status).to.equal(405);
    expect((await send("DELETE", "/_emulator/faults/none")).status).to.equal(404);
  });

  it("gives and takes the whole state, and goes back to the start", async () => {
    await send("PUT", net(), network({ a: "10.0.0.0/24" }));
    const saved = (await send("GET", "/_emulator/state")).body;
    await send("DELETE", net());
    await send("POST", "/_emulator/clock", { advanceSeconds: 60 });
    expect((await send("PUT", "/_emulator/state", saved)).status).to.equal(204);
    expect((await send("GET", net())).status).to.equal(200);
    expect((await send("GET", "/_emulator/clock")).body.now).to.equal("2026-01-31T08:00:00.000Z");
    await send("POST", "/_emulator/faults", { kind: "refuse", status: 500 });
    expect((await send("POST", "/_emulator/reset")).status).to.equal(204);
    expect((await send("GET", net())).status).to.equal(404);
    expect((await send("GET", "/_emulator/faults")).body.value).to.deep.equal([]);
  });

  it("logs every ARM request as a line, without secrets, and forgets on demand", async () => {
    await send(
      "PUT",
      net(),
      { ...network({}), properties: { ...network({}).properties, adminPassword: "hidden" } },
      {
        authorization: "Bearer hidden",
        "x-ms-client-request-id": "mine",
      },
    );
    await send("GET", at("Microsoft.Network/virtualNetworks/none?a=b"));
    const log = await send("GET", "/_emulator/log");
    expect(log.headers.get("content-type")).to.contain("ndjson");
    expect(log.text).not.to.contain("hidden");
    const lines = log.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).to.have.length(2);
    expect(lines[0]).to.deep.include({
      time: "2026-01-31T08:00:00.000Z",
      method: "PUT",
      path: net(),
      query: "api-version=2023-06-01",
      status: 201,
      clientRequestId: "mine",
      operation: "VirtualNetworks_CreateOrUpdate",
    });
    expect(lines[0].requestBody.location).to.equal("westeurope");
    expect(lines[1]).to.deep.include({ method: "GET", status: 404, query: "a=b&api-version=2023-06-01" });
    await send("DELETE", "/_emulator/log");
    expect((await send("GET", "/_emulator/log")).text).to.equal("");
    expect(emulator().log()).to.have.length(0);
  });

  describe("faults", () => {
    const add = async (fault: Record<string, unknown>) => (await send("POST", "/_emulator/faults", fault)).body.id;

    it("refuse a request with a status and a code before it acts", async () => {
      await add({ kind: "refuse", status: 503, method: "PUT", times: 1 });
      const refused = await send("PUT", net(), network({}));
      expect([refused.status, refused.body.error.code]).to.deep.equal([503, "ServiceUnavailable"]);
      expect((await send("GET", net())).status).to.equal(404);
      expect((await send("PUT", net(), network({}))).status).to.equal(201);
    });

    it("throttle with Retry-After, until the fault is taken away", async () => {
      const id = await add({ kind: "throttle", retryAfterSeconds: 7, path: "virtualNetworks" });
      const refused = await send("GET", net());
      expect([refused.status, refused.headers.get("retry-after"), refused.body.error.code]).to.deep.equal([
        429,
        "7",
        "TooManyRequests",
      ]);
      expect((await send("GET", resourceGroup)).status).to.equal(200);
      expect((await send("DELETE", `/_emulator/faults/${id}`)).status).to.equal(204);
      expect((await send("GET", net())).status).to.equal(404);
    });

    it("drop the connection before the server acts, or after", async () => {
      const path = `${net()}?api-version=2023-06-01`;
      await send("PUT", net(), network({}));
      await add({ kind: "drop", when: "before", method: "DELETE", times: 1 });
      expect(await failure(emulator().origin, "DELETE", path)).to.equal("ECONNRESET");
      expect((await send("GET", net())).status).to.equal(200);
      await add({ kind: "drop", when: "after", method: "DELETE", times: 1 });
      expect(await failure(emulator().origin, "DELETE", path)).to.equal("ECONNRESET");
      expect((await send("GET", net())).status).to.equal(404);
      const faults = emulator()
        .log()
        .filter((entry) => entry.fault !== undefined);
      expect(faults.map(({ fault, status }) => `${fault} ${status}`)).to.deep.equal([
        "drop before 0",
        "drop after 200",
      ]);
    });

    it("delay an answer", async () => {
      await add({ kind: "delay", milliseconds: 120, times: 1 });
      const started = performance.now();
      expect((await send("GET", resourceGroup)).status).to.equal(200);
      expect(performance.now() - started).to.be.greaterThan(110);
    });

    it("leave the admin API alone", async () => {
      await add({ kind: "refuse", status: 500 });
      expect((await send("GET", resourceGroup)).status).to.equal(500);
      expect((await send("GET", "/_emulator/health")).status).to.equal(200);
      expect((await send("DELETE", "/_emulator/faults")).status).to.equal(204);
      expect((await send("GET", resourceGroup)).status).to.equal(200);
    });
  });
});
