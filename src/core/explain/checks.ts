import type { Explanations } from '../explain.ts';
import { again, mendFirst, onHost, type Place, withVerb } from './place.ts';
import { count, duration } from './quantity.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { isBack, isUntouched } from './state.ts';
import { listed, shown } from './text.ts';

/** What the fleet's own health checks found. */
export const checks: Explanations<'check-failed'> = {
  'check-failed': ({ check, seen, afterMs, tries, others, left }, place) => ({
    reason: [
      `check ${shown(check, 64)} failed after ${duration(afterMs)} and ${count(tries, 'try').replace('trys', 'tries')}`,
      `: ${seen === '' ? 'nothing was seen' : shown(seen, 240).replace(/[.:\s]+$/, '')}`,
      others.length === 0 ? '' : `; not well either: ${listed(others)}`,
      leftAs[left],
    ].join(''),
    remedy: remedy(...nextFor(left, place)),
  }),
};

const leftAs = {
  untouched: `; ${isUntouched}`,
  'put-back': `; ${isBack}`,
  kept: '; the host runs and boots the new system',
  'looked-at': '',
} as const;

function nextFor(left: keyof typeof leftAs, place: Place): readonly Line[] {
  const logged = [say('what it logged meanwhile:'), run(onHost(place, 'journalctl', '-b', '-n', '100', '--no-pager'))];
  const anyway = [
    say('if it is the check that is wrong, let it pass with a warning:'),
    run(again(place, '--on-check-failure', 'warn')),
  ];
  switch (left) {
    case 'untouched':
      return [
        say('it is a gate, to be passed before anything is changed; all that is to be seen of the host:'),
        ...[run(withVerb(place, 'check')), say('once it is well:'), run(again(place)), ...anyway],
      ];
    case 'put-back':
      return [...logged, say(mendFirst(place)), run(again(place)), ...anyway];
    case 'kept':
      return [...logged, say('to bring back what it ran before:'), run(withVerb(place, 'rollback'))];
    default:
      return [...logged, say('what the check asks is in the flake; to see whether it passes now:'), run(again(place))];
  }
}
