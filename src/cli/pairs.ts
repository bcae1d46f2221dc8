import { flagOf, settingOf } from '../config/option-names.ts';
import { options } from '../config/options.ts';

/**
 * Takes the options with two values (`--option NAME VALUE`) out of a command line. Commander knows options with one
 * value or with any number, not with two.
 */
export function takePairs(argv: readonly string[]): {
  readonly rest: readonly string[];
  /** By setting name; a pair that lacks a value is shorter. */
  readonly pairs: ReadonlyMap<string, readonly (readonly string[])[]>;
} {
  const rest: string[] = [];
  const pairs = new Map<string, readonly (readonly string[])[]>();
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const option = options.find(
      (one) => one.kind === 'pairs' && (word === flagOf(one) || word.startsWith(`${flagOf(one)}=`)),
    );
    if (option === undefined) {
      rest.push(word);
      continue;
    }
    const joined = word.slice(flagOf(option).length + 1);
    const pair = word === flagOf(option) ? argv.slice(index + 1, index + 3) : [joined];
    if (word === flagOf(option)) index += 2;
    pairs.set(settingOf(option), [...(pairs.get(settingOf(option)) ?? []), pair]);
  }
  return { rest, pairs };
}
