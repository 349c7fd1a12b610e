import { expect } from "chai";
import fc from "fast-check";
import { describeSeconds, durationSeconds, secondsBetween } from "../../../../provider/evidence/duration.js";

describe("durationSeconds", () => {
  it("reads weeks, days, hours, minutes and seconds, with a fraction in the smallest part", () => {
    const known: [string, number][] = [
      ["PT15M", 900],
      ["PT4H", 14_400],
      ["PT1H30M", 5400],
      ["P1DT12H", 129_600],
      ["P2W", 1_209_600],
      ["P1D", 86_400],
      ["PT90S", 90],
      ["PT1.5H", 5400],
      ["PT1H0,5M", 3630],
      ["P366D", 31_622_400],
    ];
    for (const [text, seconds] of known) expect(durationSeconds(text), text).to.equal(seconds);
  });

  it("refuses what is no duration, has no fixed length, or is out of range", () => {
    const wrong = [
      "",
      "P",
      "PT",
      "4h",
      "PT4",
      "pt4h",
      "P1M",
      "P1Y",
      "P1DT",
      "PT1.5H30M",
      "PT-4H",
      "-PT4H",
      "PT0S",
      "P367D",
    ];
    for (const text of [...wrong, " PT4H", "PT4H ", "P1W2D", "PT1M1H", "1:30", "Infinity"])
      expect(durationSeconds(text), JSON.stringify(text)).to.equal(undefined);
  });

  it("reads back every whole number of seconds that it can be given in", () => {
    const parts = fc.record({ d: fc.nat(300), h: fc.nat(23), m: fc.nat(59), s: fc.nat(59) });
    fc.assert(
      fc.property(parts, ({ d, h, m, s }) => {
        const seconds = ((d * 24 + h) * 60 + m) * 60 + s;
        fc.pre(seconds > 0);
        expect(durationSeconds(`P${d}DT${h}H${m}M${s}S`)).to.equal(seconds);
        expect(durationSeconds(`PT${seconds}S`)).to.equal(seconds);
      }),
    );
  });
});

describe("describeSeconds", () => {
  it("names the two largest parts", () => {
    const known: [number, string][] = [
      [0, "0 s"],
      [8, "8 s"],
      [59.6, "1 min"],
      [774, "12 min 54 s"],
      [3600, "1 h"],
      [3661, "1 h 1 min"],
      [90_061, "1 d 1 h"],
      [86_400 + 59, "1 d"],
    ];
    for (const [seconds, text] of known) expect(describeSeconds(seconds)).to.equal(text);
  });
});

describe("secondsBetween", () => {
  it("gives whole seconds, and nothing where a time is missing or is none", () => {
    expect(secondsBetween("2026-05-01T10:00:00Z", "2026-05-01T10:00:10.6Z")).to.equal(11);
    expect(secondsBetween(undefined, "2026-05-01T10:00:10Z")).to.equal(undefined);
    expect(secondsBetween("yesterday", "2026-05-01T10:00:10Z")).to.equal(undefined);
  });
});
