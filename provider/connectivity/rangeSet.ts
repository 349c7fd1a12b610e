/**
 * Sets of whole numbers as sorted, disjoint, merged ranges in one flat array: [first, last, first, last, ...], both
 * ends included. Addresses and ports are kept so: a rule is parsed once, and matching is a walk over two short arrays.
 */
export type RangeSet = readonly number[];

export const emptySet: RangeSet = [];

/** The union of any ranges, in any order, overlapping or not. */
export function unionOf(...sets: RangeSet[]): RangeSet {
  const filled = sets.filter((set) => set.length > 0);
  const only = filled[0];
  if (only === undefined) return emptySet;
  if (filled.length === 1) return only;
  const pairs: [number, number][] = [];
  for (const set of filled) {
    for (let i = 0; i < set.length; i += 2) pairs.push([at(set, i), at(set, i + 1)]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [first, last] of pairs) {
    const end = merged.length - 1;
    if (end > 0 && first <= at(merged, end) + 1) merged[end] = Math.max(at(merged, end), last);
    else merged.push(first, last);
  }
  return merged;
}

export function intersect(a: RangeSet, b: RangeSet): RangeSet {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const first = Math.max(at(a, i), at(b, j));
    const last = Math.min(at(a, i + 1), at(b, j + 1));
    if (first <= last) result.push(first, last);
    if (at(a, i + 1) < at(b, j + 1)) i += 2;
    else j += 2;
  }
  return result;
}

/** True where the sets share a number; makes no new set. */
export function intersects(a: RangeSet, b: RangeSet): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (at(a, i + 1) < at(b, j)) i += 2;
    else if (at(b, j + 1) < at(a, i)) j += 2;
    else return true;
  }
  return false;
}

export function subtract(a: RangeSet, b: RangeSet): RangeSet {
  const result: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let first = at(a, i);
    const last = at(a, i + 1);
    while (j < b.length && at(b, j + 1) < first) j += 2;
    for (let k = j; k < b.length && at(b, k) <= last; k += 2) {
      if (at(b, k) > first) result.push(first, at(b, k) - 1);
      first = Math.max(first, at(b, k + 1) + 1);
    }
    if (first <= last) result.push(first, last);
  }
  return result;
}

/** True where every number of `part` is in `whole`. */
export function covers(whole: RangeSet, part: RangeSet): boolean {
  let j = 0;
  for (let i = 0; i < part.length; i += 2) {
    while (j < whole.length && at(whole, j + 1) < at(part, i)) j += 2;
    if (j >= whole.length || at(whole, j) > at(part, i) || at(whole, j + 1) < at(part, i + 1)) return false;
  }
  return true;
}

export function contains(set: RangeSet, value: number): boolean {
  let low = 0;
  let high = set.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (value < at(set, middle * 2)) high = middle - 1;
    else if (value > at(set, middle * 2 + 1)) low = middle + 1;
    else return true;
  }
  return false;
}

/** How many numbers the set holds. */
export function sizeOf(set: RangeSet): number {
  let size = 0;
  for (let i = 0; i < set.length; i += 2) size += at(set, i + 1) - at(set, i) + 1;
  return size;
}

/** The smallest number of the set; undefined when empty. */
export function firstOf(set: RangeSet): number | undefined {
  return set[0];
}

function at(set: RangeSet, index: number): number {
  const value = set[index];
  if (value === undefined) throw new RangeError(`range set has ${set.length} ends, asked for ${index}`);
  return value;
}
