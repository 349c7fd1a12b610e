import { expect } from "chai";
import {
  formatAddress,
  isReserved,
  nextFreeAddress,
  parseAddress,
  parsePrefix,
} from "../../../../../rehearsal/emulator/network/addresses.js";
import { parsePorts, parseSecurityAddress } from "../../../../../rehearsal/emulator/network/securityRules.js";

describe("addresses", () => {
  it("are read and printed without loss, and nothing else is an address", () => {
    for (const text of ["0.0.0.0", "10.0.0.4", "168.63.129.16", "255.255.255.255"])
      expect(formatAddress(parseAddress(text) ?? -1)).to.equal(text);
    for (const text of ["10.0.0", "10.0.0.256", "10.0.0.04", "a.b.c.d", "10.0.0.4/32", "", "-1.0.0.0"])
      expect(parseAddress(text), text).to.equal(undefined);
  });

  it("make prefixes only where no bit is set beyond the length", () => {
    expect(parsePrefix("10.0.0.0/24")).to.deep.include({ length: 24, last: parseAddress("10.0.0.255") });
    expect(parsePrefix("0.0.0.0/0")).to.deep.include({ first: 0, last: 2 ** 32 - 1 });
    for (const text of ["10.0.0.1/24", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/24/1", "10.0.0.0/x"])
      expect(parsePrefix(text), text).to.equal(undefined);
  });

  // Worked example of Microsoft's page "Private IP addresses": subnet 10.0.0.0/16, .4 to .9 in use.
  it("are reserved five to a subnet, and the next free one follows those in use", () => {
    const subnet = parsePrefix("10.0.0.0/16");
    if (!subnet) throw new Error("not a prefix");
    const number = (text: string) => parseAddress(text) ?? -1;
    const reserved = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.255.255"];
    for (const text of reserved) expect(isReserved(subnet, number(text)), text).to.equal(true);
    for (const text of ["10.0.0.4", "10.0.0.10", "10.0.255.254"])
      expect(isReserved(subnet, number(text)), text).to.equal(false);
    const used = new Set([4, 5, 6, 7, 8, 9].map((last) => number(`10.0.0.${last}`)));
    expect(formatAddress(nextFreeAddress(subnet, used) ?? -1)).to.equal("10.0.0.10");
  });

  it("run out: a /29 has three", () => {
    const subnet = parsePrefix("10.1.1.128/29");
    if (!subnet) throw new Error("not a prefix");
    const taken = new Set<number>();
    const given: string[] = [];
    for (let free = nextFreeAddress(subnet, taken); free !== undefined; free = nextFreeAddress(subnet, taken)) {
      taken.add(free);
      given.push(formatAddress(free));
    }
    expect(given).to.deep.equal(["10.1.1.132", "10.1.1.133", "10.1.1.134"]);
  });
});

describe("fields of security rules", () => {
  it("are any, an address, a prefix, a range or a service tag", () => {
    const kind = (text: string) => parseSecurityAddress(text)?.kind;
    expect(["*", "0.0.0.0/0", "Any"].map(kind)).to.deep.equal(["any", "any", "any"]);
    expect(["10.0.0.4", "10.0.0.0/8", "10.0.0.5/24"].map(kind)).to.deep.equal(["range", "range", "range"]);
    expect(["Internet", "Storage.WestEurope", "AzureLoadBalancer"].map(kind)).to.deep.equal(["tag", "tag", "tag"]);
    expect(kind("2001:db8::/32")).to.equal("ipv6");
    expect(["10.0.0.0/33", "", "10.0.0", "-x"].map(kind)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("are ports, ranges of them, or any", () => {
    expect(parsePorts("80")).to.deep.equal({ first: 80, last: 80 });
    expect(parsePorts("10000-10005")).to.deep.equal({ first: 10000, last: 10005 });
    expect(parsePorts("*")).to.deep.equal({ first: 0, last: 65535 });
    for (const text of ["65536", "90-80", "a", "", "1,2"]) expect(parsePorts(text), text).to.equal(undefined);
  });
});
