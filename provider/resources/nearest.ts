/** The word that was probably meant. */

/**
 * The allowed word that is nearest to a misspelt one: at most a third of its letters added, left out, exchanged or
 * swapped with their neighbour; upper and lower case are not told apart.
 *
 * @returns undefined where none is that near
 */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const far = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = far + 1;
  for (const candidate of allowed) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) {
      least = steps;
      best = candidate;
    }
  }
  return best;
}

/** ` (did you mean vaultName?)`, or nothing where no allowed word is near. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const meant = nearest(word, allowed);
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

/**
 * The fewest additions, omissions, exchanges and swaps of neighbours that make one word of the other.
 *
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance (optimal string alignment)
 */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const at = (line: readonly number[], index: number) => line[index] ?? Number.POSITIVE_INFINITY;
      const exchange = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          exchange,
          isSwap ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
