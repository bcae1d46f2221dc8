import type { Problem } from '../core/problem.ts';

// These would name something else on a host than here, or change the user's tree; flurry has its own option for some.
const notForNix = new Map([
  ['--override-input', 'give --override-input before the --'],
  ['--update-input', 'update the lock file first: nix flake update INPUT'],
  ['--recreate-lock-file', 'update the lock file first: nix flake update'],
  ['--commit-lock-file', 'commit the lock file first'],
  ['--output-lock-file', 'commit the lock file first'],
  ['--reference-lock-file', 'commit the lock file first'],
  ['--inputs-from', 'give --override-input before the --'],
  ['--store', 'every host builds into its own store'],
]);

/** Reads what stood after `--`: arguments for every Nix evaluation, here and on the hosts. */
export function readNixArguments(words: readonly string[]): {
  readonly words: readonly string[];
  readonly problems: readonly Problem<'bad-argument'>[];
} {
  const problems = words.flatMap((word): readonly Problem<'bad-argument'>[] => {
    const next = notForNix.get(word);
    if (next === undefined && !/[\u0000\n\r]/.test(word)) return [];
    const expected = 'arguments that mean the same to Nix here and on the hosts';
    return [{ code: 'bad-argument', argument: '--', expected, found: word, ...(next !== undefined && { next }) }];
  });
  return { words, problems };
}
