import { expect } from "chai";
import fc from "fast-check";
import {
  formatAddress,
  formatPrefix,
  looksLikeIpv6,
  overlaps,
  parseAddress,
  parsePrefix,
  prefixesSet,
  setToPrefixes,
} from "../../../../provider/connectivity/address.js";
import { sizeOf } from "../../../../provider/connectivity/rangeSet.js";

describe("parseAddress", () => {
  it("reads what formatAddress writes, over the whole range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => {
        expect(parseAddress(formatAddress(address))).to.equal(address);
      }),
    );
  });

  for (const text of [
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.4.5",
    "10.0.0.04",
    " 10.0.0.4",
    "10.0.0.x",
    "1e1.0.0.4",
    "fd00::5",
    "-1.0.0.0",
  ]) {
    it(`refuses "${text}"`, () => {
      expect(parseAddress(text)).to.equal(undefined);
    });
  }
});

describe("parsePrefix", () => {
  it("takes an address as a range of one, and ignores bits behind the length", () => {
    expect(parsePrefix("10.0.0.4")).to.deep.include({ length: 32 });
    expect(formatPrefix(parsePrefix("10.0.0.77/24") ?? { first: 0, last: 0, length: 0 })).to.equal("10.0.0.0/24");
    expect(parsePrefix("255.255.255.255/0")).to.deep.equal({ first: 0, last: 2 ** 32 - 1, length: 0 });
  });

  for (const text of [
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/024",
    "10.0.0/24",
    "10.0.0.0/-1",
    "fd00::/8",
    "Internet",
  ]) {
    it(`refuses "${text}"`, () => {
      expect(parsePrefix(text)).to.equal(undefined);
    });
  }

  it("tells ranges that meet from ranges that do not", () => {
    const meet = (a: string, b: string) => {
      const [first, second] = [parsePrefix(a), parsePrefix(b)];
      return first !== undefined && second !== undefined && overlaps(first, second);
    };
    expect(meet("10.0.0.0/16", "10.0.255.0/24")).to.equal(true);
    expect(meet("10.0.0.0/25", "10.0.0.128/25")).to.equal(false);
  });
});

describe("setToPrefixes", () => {
  it("writes the fewest ranges that hold exactly the set", () => {
    expect(setToPrefixes(prefixesSet(["10.0.0.4", "10.0.0.5", "10.0.0.6"]))).to.deep.equal([
      "10.0.0.4/31",
      "10.0.0.6",
    ]);
    expect(setToPrefixes(prefixesSet(["10.0.0.0/25", "10.0.0.128/25"]))).to.deep.equal(["10.0.0.0/24"]);
    expect(setToPrefixes(prefixesSet(["0.0.0.0/0"]))).to.deep.equal(["0.0.0.0/0"]);
  });

  it("loses and adds nothing", () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 32 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const set = prefixesSet(ranges.map(([address, length]) => `${formatAddress(address)}/${length}`));
        const again = prefixesSet(setToPrefixes(set));
        expect(again).to.deep.equal(set);
        expect(sizeOf(again)).to.equal(sizeOf(set));
      }),
    );
  });
});

describe("looksLikeIpv6", () => {
  it("knows IPv6 text from names and IPv4", () => {
    expect(["fd00::5", "::1", "2001:db8::/32"].every(looksLikeIpv6)).to.equal(true);
    expect(["10.0.0.4", "asg:web", "Internet"].some(looksLikeIpv6)).to.equal(false);
  });
});
