/** ISO 8601 durations, as goals are given in them. */

const pattern =
  /^P(?:(?<weeks>\d+(?:[.,]\d+)?)W|(?:(?<days>\d+(?:[.,]\d+)?)D)?(?:T(?=\d)(?:(?<hours>\d+(?:[.,]\d+)?)H)?(?:(?<minutes>\d+(?:[.,]\d+)?)M)?(?:(?<seconds>\d+(?:[.,]\d+)?)S)?)?)$/;

const secondsOf = { weeks: 604_800, days: 86_400, hours: 3600, minutes: 60, seconds: 1 } as const;

/** What a goal may be, in words. */
export const allowedDuration =
  "allowed: an ISO 8601 duration of 1 second to 366 days in weeks, or in days, hours, minutes and seconds, such as PT4H, PT15M or P1DT12H; years and months have no fixed length";

const longest = 366 * secondsOf.days;

/** Seconds of a duration such as `PT1H30M`; undefined for anything else, and beyond 1 second to 366 days. */
export function durationSeconds(text: string): number | undefined {
  const parts = Object.entries(pattern.exec(text)?.groups ?? {}).filter(([, value]) => value !== undefined);
  // The standard allows a fraction in the smallest part only.
  if (parts.length === 0 || parts.slice(0, -1).some(([, value]) => /[.,]/.test(value))) return undefined;
  const seconds = parts.reduce(
    (sum, [unit, value]) => sum + Number(value.replace(",", ".")) * secondsOf[unit as keyof typeof secondsOf],
    0,
  );
  return seconds >= 1 && seconds <= longest ? seconds : undefined;
}

/** Seconds as a person reads them, such as `1 h 4 min`, `12 min 54 s` or `8 s`; the two largest parts. */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** Whole seconds between two ISO times; undefined where one is missing. */
export function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) ? seconds : undefined;
}
