import type { Explanations } from '../explain.ts';
import { again, nameOf, onHost, onHostAsRoot, type Place, withVerb } from './place.ts';
import { count, duration } from './quantity.ts';
import { systemLinks } from './reaching.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { isUntouched } from './state.ts';
import { listed, quoted, shown } from './text.ts';
import { journalOnHost } from './units.ts';

type Reboot =
  | 'switch-inhibited'
  | 'not-back-after-reboot'
  | 'booted-other-system'
  | 'trial-unpromoted'
  | 'unwell-after-reboot';

/** What needs a reboot, and what came of one. */
export const reboot: Explanations<Reboot> = {
  'switch-inhibited': ({ goal, inhibitors }, place) => ({
    reason: `the running system must not be switched to the new one, since these differ: ${inhibitors
      .slice(0, 12)
      .map(({ key, old, new: next }) => `${shown(key, 64)} (${quoted(old, 64)} → ${quoted(next, 64)})`)
      .join(', ')}; ${isUntouched}`,
    remedy: remedy(
      say(
        goal === 'test'
          ? 'it cannot be tested live. Booted once and, if it comes up well, kept:'
          : 'to reboot into it: once, if the boot loader can, and kept if it comes up well:',
      ),
      run(again(place, ...(goal === 'test' ? ['--goal', 'promote'] : []), '--on-inhibitor', 'boot-and-reboot')),
      say('to make it what boots next, untested, with no net under it, and reboot when you can reach the machine:'),
      run(again(place, ...(goal === 'test' ? ['--goal', 'promote'] : []), '--on-inhibitor', 'boot')),
    ),
  }),

  'not-back-after-reboot': ({ afterMs, asked, expected, trial }, place) =>
    asked === 'no'
      ? {
          reason: `${nameOf(place)} could not be told to reboot within ${duration(afterMs)}: it takes no new connection; when it reboots, it comes up in ${shown(expected)}${trial === 'yes' ? ', once' : ''}`,
          remedy: remedy(
            say('keep every connection to it that still stands. Does it let you in?'),
            run(withVerb(place, 'check')),
          ),
        }
      : {
          reason: `${nameOf(place)} was rebooted into ${shown(expected)} and did not answer again within ${duration(afterMs)}${
            trial === 'yes' ? '; its boot default is still the old system' : ', which is its boot default'
          }`,
          remedy: remedy(
            say('it may still come up; does it answer?'),
            run(withVerb(place, 'check')),
            ...(trial === 'yes'
              ? [
                  say(
                    'if not: it was to boot that system once only. Switch it off and on, or reset it at its console, and it boots the old one.',
                  ),
                ]
              : [
                  say(
                    'if not, look at its console. Its boot menu has the generations before: choose the last that ran well, then make that the default there:',
                  ),
                  run(onHostAsRoot(place, '/run/current-system/bin/switch-to-configuration', 'boot')),
                ]),
            say('with more patience:'),
            run(again(place, '--reboot-timeout', '30m')),
          ),
        },

  'booted-other-system': ({ expected, found, trial }, place) => ({
    reason: `the host was rebooted into ${shown(expected)} and came up in ${shown(found) || 'another system'}${
      trial === 'yes' ? '; the new system was to be booted once, and its boot default was not changed' : ''
    }`,
    remedy: remedy(
      say(
        trial === 'yes'
          ? 'did the new system fail to come up, so that a watchdog or a person reset it? The boot before this one says:'
          : 'did somebody choose another entry at its console? The boot before this one says:',
      ),
      run(onHost(place, 'journalctl', '-b', '-1', '-n', '100', '--no-pager')),
      say('what it runs and boots:'),
      run(onHost(place, 'readlink', ...systemLinks)),
      say('then:'),
      run(again(place)),
    ),
  }),

  'trial-unpromoted': ({ because, said }, place) => ({
    reason: `the new system came up well in its trial boot and runs, but was not made the boot default (${shown(because, 64)}): ${shown(said, 300)}; its next boot is the old system`,
    remedy: remedy(
      say('what it runs and boots:'),
      run(onHost(place, 'readlink', ...systemLinks)),
      say('to test and promote what it runs:'),
      run(again(place)),
    ),
  }),

  'unwell-after-reboot': ({ units, state, trial }, place) => ({
    reason: [
      units.length > 0
        ? `${count(units.length, 'unit')} failed after the reboot: ${listed(units)}`
        : `after the reboot the host is ${shown(state, 32) || 'not up'}`,
      trial === 'yes'
        ? 'the new system was booted once, and never was the boot default'
        : 'it runs and boots the new system all the same',
    ].join('; '),
    remedy: remedy(
      ...why(units, trial, place),
      ...(trial === 'yes'
        ? [say('mend the configuration, then:'), run(again(place))]
        : [
            say('mend the configuration and deploy again; the generation before is in the boot menu:'),
            run(again(place)),
          ]),
    ),
  }),
};

/** A trial that went wrong was the boot before the one that runs now. */
function why(units: readonly string[], trial: 'yes' | 'no', place: Place): readonly Line[] {
  const look = journalOnHost(place, units);
  return [say('why:'), run(trial === 'yes' ? look.replace(' -b ', ' -b -1 ') : look)];
}
