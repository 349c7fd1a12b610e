import { expect } from "chai";
import { describeEmulator, network, resourceGroup, subscription } from "./describeEmulator.js";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describeEmulator("ARM's manners", ({ send, at, emulator }) => {
  const codeOf = (answer: { status: number; body: { error: { code: string } } }) =>
    `${answer.status} ${answer.body.error.code}`;
  const vnet = () => at("Microsoft.Network/virtualNetworks/net1");

  it("requires an api-version and accepts every well-formed one", async () => {
    const bare = await fetch(`${emulator().origin}${resourceGroup}`);
    expect([bare.status, await bare.text()].join(" ")).to.match(/^400 .*"MissingApiVersionParameter"/);
    for (const version of ["2016-08-10", "2099-12-31", "2023-07-01-preview", "2022-01-01-privatepreview"])
      expect((await send("GET", `${resourceGroup}?api-version=${version}`)).status, version).to.equal(200);
    for (const version of ["2023", "2023-6-1", "2023-13-01", "2023-02-30", "latest", "2023-06-01-"])
      expect(codeOf(await send("GET", `${resourceGroup}?api-version=${version}`)), version).to.equal(
        "400 InvalidApiVersionParameter",
      );
  });

  it("answers 501 with method and path template for what it lacks, and 404 for a resource that is not there", async () => {
    const lacking = await send("POST", `${vnet()}/checkIPAddressAvailability`);
    expect(codeOf(lacking)).to.equal("501 NotImplemented");
    expect(lacking.body.error.message).to.contain(
      "POST /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/virtualNetworks/{name}/checkIPAddressAvailability",
    );
    const method = await send("POST", vnet(), {});
    expect(method.body.error.message).to.contain("/virtualNetworks/{virtualNetworkName}");
    const missing = await send("GET", vnet());
    expect(missing.body.error).to.deep.equal({
      code: "ResourceNotFound",
      message:
        "The Resource 'Microsoft.Network/virtualNetworks/net1' under resource group 'siterecovery-rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    });
    expect((await send("GET", "/somewhere")).status).to.equal(404);
  });

  it("checks subscription, resource group and vault in this order", async () => {
    const elsewhere = "/subscriptions/99999999-0000-0000-0000-000000000001/resourceGroups/none";
    expect(codeOf(await send("GET", "/subscriptions/abc/resourceGroups"))).to.equal("400 InvalidSubscriptionId");
    expect(codeOf(await send("GET", `${elsewhere}/providers/Microsoft.Network/virtualNetworks`))).to.equal(
      "404 SubscriptionNotFound",
    );
    const group = `${subscription}/resourceGroups/none`;
    expect(codeOf(await send("GET", `${group}/providers/Microsoft.Network/virtualNetworks`))).to.equal(
      "404 ResourceGroupNotFound",
    );
    expect(codeOf(await send("GET", group))).to.equal("404 ResourceGroupNotFound");
    expect(codeOf(await send("GET", at("Microsoft.RecoveryServices/vaults/none/replicationFabrics")))).to.equal(
      "404 ResourceNotFound",
    );
  });

  it("compares paths without case and echoes names as they were created", async () => {
    await send("PUT", vnet(), network({}));
    const answer = await send("GET", vnet().toUpperCase().replace("API-VERSION", "api-version"));
    expect(answer.status).to.equal(200);
    expect(answer.body.id).to.equal(vnet());
  });

  it("refuses a body that is missing, no JSON, no object, of another type, or too large", async () => {
    expect(codeOf(await send("PUT", vnet()))).to.equal("400 InvalidRequestContent");
    expect(codeOf(await send("PUT", vnet(), "{nonsense"))).to.equal("400 InvalidRequestContent");
    expect(codeOf(await send("PUT", vnet(), "[1]"))).to.equal("400 InvalidRequestContent");
    expect(codeOf(await send("PUT", vnet(), "<a/>", { "content-type": "text/xml" }))).to.equal(
      "415 UnsupportedMediaType",
    );
    const large = JSON.stringify({ location: "westeurope", properties: { filler: "x".repeat(5 * 2 ** 20) } });
    expect(codeOf(await send("PUT", vnet(), large))).to.equal("413 RequestEntityTooLarge");
  });

  it("lists every problem of a body of the wrong shape", async () => {
    const answer = await send("PUT", vnet(), {
      location: "westeurope",
      properties: { addressSpace: { addressPrefixes: [1] }, subnets: [{}] },
    });
    expect(codeOf(answer)).to.equal("400 InvalidRequestFormat");
    expect(answer.body.error.details.map((detail: { target: string }) => detail.target)).to.deep.equal([
      "properties.addressSpace.addressPrefixes.0",
      "properties.subnets.0.name",
      "properties.subnets.0.properties",
    ]);
  });

  it("sends ARM's headers, with the time of the simulated clock", async () => {
    const answer = await send("GET", resourceGroup, undefined, {
      "x-ms-client-request-id": "mine",
      "x-ms-return-client-request-id": "true",
    });
    expect(answer.headers.get("content-type")).to.equal("application/json; charset=utf-8");
    expect(answer.headers.get("date")).to.equal("Sat, 31 Jan 2026 08:00:00 GMT");
    expect(answer.headers.get("x-ms-request-id")).to.match(guid);
    expect(answer.headers.get("x-ms-correlation-request-id")).to.match(guid);
    expect(answer.headers.get("x-ms-client-request-id")).to.equal("mine");
  });

  it("counts remaining reads, writes and deletes down, each in its own header, and anew each hour", async () => {
    const header = async (method: string, kind: string, body?: unknown) =>
      (await send(method, vnet(), body)).headers.get(`x-ms-ratelimit-remaining-subscription-${kind}`);
    expect(await header("GET", "reads")).to.equal("11999");
    expect(await header("GET", "reads")).to.equal("11998");
    expect(await header("PUT", "writes", network({}))).to.equal("1199");
    expect(await header("PATCH", "writes", { tags: { a: "b" } })).to.equal("1198");
    expect(await header("DELETE", "deletes")).to.equal("14999");
    expect(await header("DELETE", "writes")).to.equal(null);
    await send("POST", "/_emulator/clock", { advanceSeconds: 3600 });
    expect(await header("GET", "reads")).to.equal("11999");
  });

  it("pages lists by $top, with an absolute nextLink on the request's own host", async () => {
    for (let index = 0; index < 5; index++)
      await send("PUT", at(`Microsoft.Network/virtualNetworks/net${index}`), network({}));
    const names: string[] = [];
    let next: string | undefined = `${at("Microsoft.Network/virtualNetworks")}?$top=2`;
    const sizes: number[] = [];
    while (next !== undefined) {
      const answer = await send("GET", next);
      expect(answer.status).to.equal(200);
      sizes.push(answer.body.value.length);
      names.push(...answer.body.value.map((entry: { name: string }) => entry.name));
      next = answer.body.nextLink;
      if (next !== undefined) expect(next.startsWith(`${emulator().origin}/subscriptions/`)).to.equal(true);
    }
    expect(sizes).to.deep.equal([2, 2, 1]);
    expect(names).to.deep.equal(["net0", "net1", "net2", "net3", "net4"]);
    expect(codeOf(await send("GET", `${at("Microsoft.Network/virtualNetworks")}?$top=0`))).to.equal(
      "400 InvalidQueryParameter",
    );
    expect(codeOf(await send("GET", `${at("Microsoft.Network/virtualNetworks")}?$skipToken=x`))).to.equal(
      "400 InvalidSkipToken",
    );
  });

  it("obeys If-Match and If-None-Match where the type has an etag", async () => {
    const made = await send("PUT", vnet(), network({}), { "if-none-match": "*" });
    expect(made.status).to.equal(201);
    expect(made.body.etag).to.match(/^W\/"/);
    expect(codeOf(await send("PUT", vnet(), network({}), { "if-none-match": "*" }))).to.equal(
      "412 PreconditionFailed",
    );
    const again = await send("PUT", vnet(), network({}), { "if-match": made.body.etag });
    expect(again.status).to.equal(200);
    expect(again.body.etag).not.to.equal(made.body.etag);
    expect(codeOf(await send("DELETE", vnet(), undefined, { "if-match": made.body.etag }))).to.equal(
      "412 PreconditionFailed",
    );
    expect((await send("DELETE", vnet(), undefined, { "if-match": again.body.etag })).status).to.equal(200);
    expect((await send("DELETE", vnet())).status).to.equal(204);
  });

  it("answers HEAD with the headers of GET and no body", async () => {
    await send("PUT", vnet(), network({}));
    const head = await send("HEAD", vnet());
    expect([head.status, head.text]).to.deep.equal([200, ""]);
    expect((await send("HEAD", `${subscription}/resourceGroups/none`)).status).to.equal(404);
    expect((await send("HEAD", resourceGroup)).status).to.equal(204);
  });

  it("needs no Authorization header and takes any", async () => {
    expect((await send("GET", resourceGroup, undefined, { authorization: "Bearer nonsense" })).status).to.equal(
      200,
    );
  });
});
