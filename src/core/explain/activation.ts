import type { Explanations } from '../explain.ts';
import { again, mendFirst, onHost, onHostAsRoot, type Place } from './place.ts';
import { count, duration } from './quantity.ts';
import { systemLinks } from './reaching.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { isBack, isUntouched } from './state.ts';
import { listed, shown, withLastWords } from './text.ts';
import { journalOnHost } from './units.ts';

type Activation =
  | 'activation-failed'
  | 'activation-timeout'
  | 'units-failed'
  | 'reboot-needed'
  | 'switch-locked'
  | 'not-confirmed'
  | 'promotion-failed'
  | 'changed-by-someone-else'
  | 'transaction-unknown';

/** Activation and promotion: each says what the host does now. */
export const activation: Explanations<Activation> = {
  'activation-failed': ({ exitCode, tail }, place) => ({
    reason: `${withLastWords(`the activation failed with exit code ${exitCode}`, tail)}; ${isBack}`,
    remedy: remedy(say('read its log:'), ...transactionLog(place), say(mendFirst(place)), run(again(place))),
  }),

  'activation-timeout': ({ afterMs }, place) => ({
    reason: `the activation did not end within ${duration(afterMs)}; ${isBack}`,
    remedy: remedy(
      say('what it waited for:'),
      ...transactionLog(place),
      say('with more patience:'),
      run(again(place, '--activation-timeout', '30m')),
    ),
  }),

  'units-failed': ({ units }, place) => ({
    reason: `${count(units.length, 'unit')} failed under the new system: ${listed(units)}; ${isBack}`,
    remedy: remedy(say('why:'), run(journalOnHost(place, units)), say(mendFirst(place)), run(again(place))),
  }),

  'reboot-needed': (_, place) => ({
    reason: `the new system cannot replace the running one without a reboot (its init interface differs); ${isUntouched}`,
    remedy: remedy(
      say('make it what boots next, untested, with no net under it, and reboot when you can reach the machine:'),
      run(again(place, '--goal', 'boot')),
    ),
  }),

  'switch-locked': ({ afterMs }, place) => ({
    // At the gate nothing was touched, behind it the host went back.
    reason: `another switch-to-configuration held its lock for ${duration(afterMs)}; the host runs what it ran before`,
    remedy: remedy(
      say('who holds it:'),
      run(onHostAsRoot(place, 'fuser', '-v', '/run/nixos/switch-to-configuration.lock')),
      say('then:'),
      run(again(place)),
    ),
  }),

  'not-confirmed': ({ decidedBy }, place) =>
    decidedBy === 'abort'
      ? {
          reason: `the deployment was aborted before the new system was confirmed; ${isBack}`,
          remedy: remedy(say('to deploy again:'), run(again(place))),
        }
      : {
          reason: `the new system was not confirmed ${
            decidedBy === 'deadline'
              ? 'before the deadline of the host'
              : `in time (decided by: ${shown(decidedBy, 80)})`
          }; ${isBack}`,
          remedy: remedy(
            say('did the new system cut the way to the host (network, firewall, sshd, keys)? what happened meanwhile:'),
            ...transactionLog(place),
            say('if the line was only slow:'),
            run(again(place, '--confirm-timeout', '5m')),
          ),
        },

  'promotion-failed': ({ step, tail }, place) => ({
    reason: `${withLastWords(`the new system ran well but could not be made the boot default (${shown(step, 80)})`, tail)}; ${isBack}`,
    remedy: remedy(
      say('is /boot full or read-only? see:'),
      run(onHost(place, 'df', '-h', '/boot', '/nix')),
      ...transactionLog(place),
    ),
  }),

  'changed-by-someone-else': ({ expected, found }, place) => ({
    reason: `someone else changed the host meanwhile: it runs ${shown(found)}, expected ${shown(expected)}; flurry left it as it is`,
    remedy: remedy(
      say('ask who works on it; what it runs and boots:'),
      run(onHost(place, 'readlink', ...systemLinks)),
      say('who switched it:'),
      run(onHost(place, 'journalctl', '-b', '-n', '40', '--no-pager', '-u', 'nixos-*', '-u', 'flurry-*')),
    ),
  }),

  'transaction-unknown': ({ state }, place) => ({
    reason: `how it ended on the host is not known, it was last seen ${shown(state, 80)}; unless it was confirmed, the host puts itself back by its own deadline`,
    remedy: remedy(
      say('see what it runs and boots, and what it says:'),
      run(onHost(place, 'readlink', ...systemLinks)),
      ...transactionLog(place),
    ),
  }),
};

function transactionLog(place: Place): readonly Line[] {
  return [run(onHost(place, 'journalctl', '-n', '100', '--no-pager', '-u', 'flurry-*'))];
}
