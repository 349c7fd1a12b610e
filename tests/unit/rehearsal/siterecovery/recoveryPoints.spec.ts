import { expect } from "chai";
import fc from "fast-check";
import {
  latestRecoveryPoint,
  type PointPolicy,
  recoveryPoints,
} from "../../../../rehearsal/emulator/siterecovery/recoveryPoints.js";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.parse("2026-01-01T00:00:00Z");

const policy = (changes: Partial<PointPolicy> = {}): PointPolicy => ({
  recoveryPointHistoryInMinutes: 1440,
  crashConsistentFrequencyInMinutes: 5,
  appConsistentFrequencyInMinutes: 0,
  ...changes,
});
const item = (changes: object = {}) => ({
  internalIdentifier: "item",
  protectedAt: start as number | null,
  replicationStoppedAt: null as number | null,
  requestedPoints: [] as number[],
  pointsGone: false,
  ...changes,
});
const ages = (points: { at: number }[], now: number) => points.map((point) => (now - point.at) / minute);

describe("recoveryPoints", () => {
  it("has one every five minutes of the last two hours, newest first", () => {
    const now = start + 2 * hour;
    expect(ages(recoveryPoints(item(), policy(), now), now)).to.deep.equal(
      Array.from({ length: 25 }, (_, index) => index * 5),
    );
  });

  it("thins out to one an hour up to a day, and keeps none beyond the retention", () => {
    const now = start + 3 * day;
    const points = recoveryPoints(item(), policy(), now);
    expect(ages(points, now).filter((age) => age > 120)).to.deep.equal(
      Array.from({ length: 22 }, (_, index) => (index + 3) * 60),
    );
    expect(Math.max(...ages(points, now))).to.equal(1440);
  });

  it("keeps one in two hours up to a week and one in four hours beyond", () => {
    const now = start + 20 * day;
    const old = ages(recoveryPoints(item(), policy({ recoveryPointHistoryInMinutes: 21_600 }), now), now).map(
      (age) => age / 60,
    );
    const gaps = (from: number, to: number) => {
      const within = old.filter((age) => age > from && age <= to);
      return new Set(within.slice(1).map((age, index) => age - (within[index] ?? 0)));
    };
    expect([...gaps(24, 168)]).to.deep.equal([2]);
    expect([...gaps(168, 360)]).to.deep.equal([4]);
    expect(Math.max(...old)).to.equal(360);
  });

  it("marks the application-consistent ones by the policy's interval, the first one interval after protection", () => {
    const now = start + 3 * hour;
    const app = recoveryPoints(item(), policy({ appConsistentFrequencyInMinutes: 60 }), now).filter(
      (point) => point.type === "ApplicationConsistent",
    );
    expect(ages(app, now)).to.deep.equal([0, 60, 120]);
  });

  it("has none with retention 0, before protection, or after a commit", () => {
    const now = start + 3 * hour;
    expect(recoveryPoints(item(), policy({ recoveryPointHistoryInMinutes: 0 }), now)).to.deep.equal([]);
    expect(recoveryPoints(item({ protectedAt: null }), policy(), now)).to.deep.equal([]);
    expect(recoveryPoints(item({ pointsGone: true }), policy(), now)).to.deep.equal([]);
  });

  it("stands still from the moment at which replication stopped", () => {
    const stopped = item({ replicationStoppedAt: start + 3 * hour });
    const before = recoveryPoints(stopped, policy(), start + 3 * hour);
    expect(recoveryPoints(stopped, policy(), start + 30 * day)).to.deep.equal(before);
  });

  it("never brings a point back, never changes one's name, and agrees with latestRecoveryPoint", () => {
    const frequency = fc.integer({ min: 1, max: 60 });
    const retention = fc.integer({ min: 0, max: 21_600 });
    const app = fc.constantFrom(0, 60, 90, 720);
    const time = fc.integer({ min: 0, max: 20 * 24 * 60 });
    fc.assert(
      fc.property(
        frequency,
        retention,
        app,
        time,
        fc.integer({ min: 0, max: 600 }),
        (crash, history, interval, minutes, later) => {
          const wanted = policy({
            crashConsistentFrequencyInMinutes: crash,
            recoveryPointHistoryInMinutes: history,
            appConsistentFrequencyInMinutes: interval,
          });
          const now = start + minutes * minute;
          const names = (points: { name: string; at: number }[]) =>
            points.map((point) => `${point.at} ${point.name}`);
          const first = recoveryPoints(item(), wanted, now);
          const second = recoveryPoints(item(), wanted, now + later * minute);
          const known = new Set(names(first));
          // Whatever is left of the time before `now` was there at `now`.
          expect(
            names(second.filter((point) => point.at <= now)).filter((name) => !known.has(name)),
          ).to.deep.equal([]);
          expect(latestRecoveryPoint(item(), wanted, now)).to.deep.equal(first[0]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
