import type { Explanations } from '../explain.ts';
import { again, againTo, nameOf, onHost, onHostAsRoot, type Place } from './place.ts';
import { systemLinks } from './reaching.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { listed, shown } from './text.ts';

type Rollback =
  | 'nothing-to-roll-back-to'
  | 'not-what-was-promoted'
  | 'no-such-generation'
  | 'no-such-revision'
  | 'ambiguous-revision'
  | 'system-gone';

/** Why a rollback does not know where to go, or cannot go there: the host was only looked at. */
export const rollback: Explanations<Rollback> = {
  'nothing-to-roll-back-to': ({ generations }, place) => ({
    reason: `the history of ${nameOf(place)} has no promoted deployment that replaced another system`,
    remedy: remedy(
      ...(generations.length > 1
        ? otherGenerations(generations, place)
        : [say('it has no other generation either; an earlier revision of the flake can be deployed, -f takes any')]),
    ),
  }),

  'not-what-was-promoted': ({ id, expected, found, generations }, place) => ({
    reason: `${nameOf(place)} runs ${shown(found)}, but its last promoted deployment (${shown(id, 40)}) brought ${shown(expected)}: what it replaced is not what ran before`,
    remedy: remedy(
      say('somebody switched it since, or it was only tested; what it runs and boots:'),
      run(onHost(place, 'readlink', ...systemLinks)),
      ...otherGenerations(generations, place),
    ),
  }),

  'no-such-generation': ({ number, generations }, place) => ({
    reason: `${nameOf(place)} has no generation ${number}; it has ${numbered(generations)}`,
    remedy: remedy(...otherGenerations(generations, place)),
  }),

  'no-such-revision': ({ rev, known }, place) => ({
    reason: `the history of ${nameOf(place)} knows no deployment of revision ${shown(rev, 40)} that was promoted or tested; ${
      known.length > 0 ? `it knows ${listed(known.map(short), 6)}` : 'it knows none of any revision'
    }`,
    remedy: remedy(
      ...(known.length > 0
        ? [say('one of them instead:'), run(again(place, '--to-rev', short(known[0] ?? '')))]
        : [say('a host can go back to a generation by its number:'), ...profiles(place)]),
    ),
  }),

  'ambiguous-revision': ({ rev, matching }, place) => ({
    reason: `${matching.length} revisions that were deployed to ${nameOf(place)} begin with ${shown(rev, 40)}: ${listed(matching.map(short), 6)}`,
    remedy: remedy(say('with more digits, for example:'), run(again(place, '--to-rev', matching[0] ?? ''))),
  }),

  'system-gone': ({ toplevel, generations }, place) => ({
    reason: `${shown(toplevel)} is not in the store of ${nameOf(place)} any more, or is no NixOS system`,
    remedy: remedy(
      say('garbage collection takes what is in no generation; what it did:'),
      run(onHostAsRoot(place, 'journalctl', '-n', '40', '--no-pager', '-u', 'nix-gc')),
      ...otherGenerations(generations, place),
    ),
  }),
};

/** What a person needs to name a generation. */
function otherGenerations(generations: readonly number[], place: Place): readonly Line[] {
  const example = generations.at(-2) ?? generations.at(-1);
  if (example === undefined) return [say('its system profile has no generations:'), ...profiles(place)];
  return [
    say(`what its ${numbered(generations)} ${generations.length === 1 ? 'is' : 'are'}:`),
    ...profiles(place),
    say('to go to one by its number:'),
    run(againTo(place, example)),
  ];
}

function profiles(place: Place): readonly Line[] {
  return [run(onHost(place, 'ls', '-l', '/nix/var/nix/profiles'))];
}

/** `generation 1`, `generations 1 to 4 and 7`; of very many the newest. */
function numbered(generations: readonly number[]): string {
  if (generations.length === 0) return 'no generations';
  const runs: (readonly [first: number, last: number])[] = [];
  for (const number of generations) {
    const [first, last] = runs.at(-1) ?? [];
    if (first === undefined || last === undefined || number !== last + 1) runs.push([number, number]);
    else runs.splice(-1, 1, [first, number]);
  }
  const words = runs
    .slice(-6)
    .flatMap(([first, last]) =>
      first === last ? [`${first}`] : last === first + 1 ? [`${first}`, `${last}`] : [`${first} to ${last}`],
    );
  const list = words.length === 1 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
  return `generation${generations.length === 1 ? '' : 's'} ${list}`;
}

/** As git shortens it, with digits to spare. */
function short(rev: string): string {
  return shown(rev.slice(0, 12), 12);
}
