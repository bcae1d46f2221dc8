/** Gives those of `names` that somebody who typed `typed` may have meant, nearest first, at most three. */
export function nearNames(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase().slice(0, 64);
  const allowed = wanted.length <= 4 ? 1 : 2;
  return names
    .map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
    .filter((near) => near.distance <= allowed || sharesStart(wanted, near.name.toLowerCase()))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((near) => near.name);
}

/**
 * Gives the one of `names` that somebody who typed `typed` most likely slipped at: it differs in case, or by one edit that
 * is more than another number. `web2` is no slip of `web1`, but another host; `web-1` and `wbe1` are.
 */
export function slipOf(typed: string, names: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  const letters = lettersOf(wanted);
  const isSlip = (name: string): boolean =>
    wanted === name || (letters.length >= 3 && distance(wanted, name) <= 1 && !differInNumber(wanted, name));
  return names.find((name) => name !== typed && isSlip(name.toLowerCase()));
}

function lettersOf(name: string): string {
  return name.replaceAll(/[^a-z]/g, '');
}

function differInNumber(a: string, b: string): boolean {
  return a.replaceAll(/\d/g, '') === b.replaceAll(/\d/g, '');
}

function sharesStart(a: string, b: string): boolean {
  return a.length >= 3 && b.length >= 3 && (a.startsWith(b) || b.startsWith(a));
}

/** Edits between two words; two swapped neighbours count as one edit, the commonest slip of all. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const edits = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits.push(at(beforeLast, column - 2) + 1);
      current.push(Math.min(...edits));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
