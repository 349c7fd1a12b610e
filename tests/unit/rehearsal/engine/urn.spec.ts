import { expect } from "chai";
import {
  defaultProviderName,
  displayType,
  isDefaultProvider,
  makeUrn,
  nameOf,
  packageOf,
  providerTypeOf,
  providerUrnOf,
  qualifiedType,
  stackOf,
  stackUrn,
  typeOf,
} from "../../../../rehearsal/engine/urn.js";

describe("URNs", () => {
  const stack = stackUrn("dev", "p");

  it("name the types of all ancestors but the stack", () => {
    const group = makeUrn("dev", "p", stack, "acme:index:Group", "g");
    const inner = makeUrn("dev", "p", group, "acme:index:Inner", "i");
    expect(stack).to.equal("urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev");
    expect(group).to.equal("urn:pulumi:dev::p::acme:index:Group::g");
    expect(inner).to.equal("urn:pulumi:dev::p::acme:index:Group$acme:index:Inner::i");
    expect(makeUrn("dev", "p", inner, "x:y:Z", "z")).to.contain("acme:index:Group$acme:index:Inner$x:y:Z");
  });

  it("come apart again, also with a name that holds the separator", () => {
    const urn = makeUrn("dev", "p", makeUrn("dev", "p", "", "a:b:C", "c"), "x:y:Z", "odd::name");
    expect([stackOf(urn), qualifiedType(urn), typeOf(urn), nameOf(urn), packageOf(typeOf(urn))]).to.deep.equal([
      "dev",
      "a:b:C$x:y:Z",
      "x:y:Z",
      "odd::name",
      "x",
    ]);
  });

  it("tell default providers from others", () => {
    const provider = makeUrn("dev", "p", "", providerTypeOf("acme"), defaultProviderName(""));
    expect(isDefaultProvider(provider)).to.equal(true);
    expect(
      isDefaultProvider(makeUrn("dev", "p", "", "pulumi:providers:acme", defaultProviderName("0.1.0-rc.1"))),
    ).to.equal(true);
    expect(isDefaultProvider(makeUrn("dev", "p", "", "pulumi:providers:acme", "mine"))).to.equal(false);
    expect(providerUrnOf(`${provider}::some-id`)).to.equal(provider);
  });

  it("show a type without a repeated file name", () => {
    expect(displayType("aws:s3/bucket:Bucket")).to.equal("aws:s3:Bucket");
    expect(displayType("pulumi-nodejs:dynamic/acme:Item")).to.equal("pulumi-nodejs:dynamic/acme:Item");
  });
});
