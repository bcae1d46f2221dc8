import type { Explanations } from '../explain.ts';
import { again, nameOf, onHost, onHostAsRoot, type Place, withVerb } from './place.ts';
import { count, size } from './quantity.ts';
import { systemLinks } from './reaching.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { isBack, isUntouched } from './state.ts';
import { listed, shown } from './text.ts';
import { unitsOnHostAsRoot } from './units.ts';

type Transaction =
  | 'locked'
  | 'declined'
  | 'others-failed'
  | 'not-released'
  | 'unit-masked'
  | 'run-full'
  | 'arming-failed'
  | 'history-unwritable'
  | 'transaction-died'
  | 'ended-by-shutdown'
  | 'ended-by-reboot'
  | 'rollback-failed'
  | 'no-way-in'
  | 'nothing-to-decide'
  | 'nothing-to-join';

/** The host's own transaction: who holds it, what ended it, and what the host does when nobody decides for it. */
export const transaction: Explanations<Transaction> = {
  locked: (problem, place) => (problem.owner === 'nixos-rebuild' ? heldByHand(place) : heldByFlurry(problem, place)),

  declined: ({ wave }, place) => ({
    reason: `you said no to ${wave === undefined ? 'what would be done' : `wave ${wave}`}; ${isUntouched}`,
    remedy: remedy(say(wave === undefined ? 'to see it once more:' : 'to go on:'), run(again(place))),
  }),

  'others-failed': ({ host, left }, place) => {
    const other = host === null ? 'another host of its run' : shown(host, 80);
    return {
      reason: `${other} did not make it, and this host changes with it or not at all; ${
        left === 'untouched' ? isUntouched : isBack
      }`,
      remedy: remedy(
        say(`what went wrong there is told with ${host === null ? 'that host' : other}; once it is mended:`),
        run(again(place)),
      ),
    };
  },

  'not-released': ({ decidedBy }, place) =>
    decidedBy === 'abort'
      ? {
          reason: `the deployment was aborted while the host waited for the others of its run; ${isUntouched}`,
          remedy: remedy(say('to deploy again, to all of them:'), run(again(place))),
        }
      : {
          reason: `the host waited for the others of its run, and nobody came to let it go on before its deadline; ${isUntouched}`,
          remedy: remedy(
            say('was whoever started the run cut off? what happened on the host meanwhile:'),
            ...transactionLog(place),
            say('then deploy to all of them again.'),
          ),
        },

  'unit-masked': ({ unit }, place) => ({
    reason: `the unit ${shown(unit, 80)} is masked on the host, so that no deployment can start there; ${isUntouched}`,
    remedy: remedy(
      say('somebody may have meant it; if not, undo it (in /run or in /etc):'),
      run(onHostAsRoot(place, 'systemctl', 'unmask', '--runtime', '--', unit)),
      run(onHostAsRoot(place, 'systemctl', 'unmask', '--', unit)),
      say('then:'),
      run(again(place)),
    ),
  }),

  'run-full': ({ freeBytes }, place) => ({
    reason: `/run is nearly full on the host (${size(freeBytes)} or no inode free), and the way back is kept there; ${isUntouched}`,
    remedy: remedy(
      say('what fills it:'),
      run(onHostAsRoot(place, 'du', '-xhd2', '/run')),
      run(onHost(place, 'df', '-hi', '/run')),
      say('make room, then:'),
      run(again(place)),
    ),
  }),

  'arming-failed': ({ step }, place) => ({
    reason: `the host could not prepare its way back (${shown(step, 80)}), and does nothing without one; ${isUntouched}`,
    remedy: remedy(say('why:'), ...transactionLog(place), say('then:'), run(again(place))),
  }),

  'history-unwritable': (_, place) => ({
    reason: `the host cannot write its history in /var/lib/flurry, which would tell how it ended after a crash; ${isUntouched}`,
    remedy: remedy(
      say('is /var full or read-only?'),
      run(onHost(place, 'df', '-h', '/var/lib')),
      run(onHost(place, 'findmnt', '-T', '/var/lib')),
      say('then:'),
      run(again(place)),
    ),
  }),

  'transaction-died': ({ state }, place) => ({
    reason: `something killed the deployment on the host while it was ${shown(state, 32)}; ${
      untouchedStates.includes(state) ? isUntouched : isBack
    }`,
    remedy: remedy(
      say('who or what did it (a person, lack of memory, a watchdog)?'),
      ...transactionLog(place),
      run(onHost(place, 'journalctl', '-k', '-b', '-n', '40', '--no-pager')),
      say('then:'),
      run(again(place)),
    ),
  }),

  'ended-by-shutdown': ({ boots }, place) => ({
    reason: `the host was shut down or rebooted in the middle of the deployment; when it is up again it runs ${
      boots === '' || boots === '-' ? 'its boot default' : shown(boots)
    }`,
    remedy: remedy(
      say('nothing that was not confirmed becomes its boot default. Once it is up again, look at it:'),
      run(withVerb(place, 'check')),
      say('then:'),
      run(again(place)),
    ),
  }),

  'ended-by-reboot': (_, place) => ({
    reason:
      'the host was rebooted, or lost power, before it could tell how the deployment ended; it came up in its boot default',
    remedy: remedy(
      say('look at it; what it runs and boots:'),
      run(withVerb(place, 'check')),
      run(onHost(place, 'readlink', ...systemLinks)),
      say('if that is not the new system, then:'),
      run(again(place)),
    ),
  }),

  'rollback-failed': ({ because, lost, afterwards }, place) => ({
    reason: [
      `the host had to put itself back (${shown(because, 64)}) and could not do so wholly`,
      lost.length > 0 ? `: ${count(lost.length, 'unit')} ${lost.length === 1 ? 'is' : 'are'} not as before: ` : '',
      listed(lost),
      afterwards === 'hold'
        ? '; it stays as it is now and does nothing more by itself'
        : '; nobody told it to hold, so it rebooted into its boot default',
    ].join(''),
    remedy: remedy(
      ...(afterwards === 'hold'
        ? [say('log in while you can, and look:')]
        : [say('look at it:'), run(withVerb(place, 'check'))]),
      run(onHost(place, 'systemctl', '--failed', '--no-pager')),
      ...transactionLog(place),
      ...(afterwards === 'hold' ? waysOut(lost, place) : []),
    ),
  }),

  'no-way-in': ({ because, said }, place) => ({
    reason: `the host has put itself back (${shown(because, 64)}) and runs what it ran before, but lets nobody in anew: ${shown(said, 300)}`,
    remedy: remedy(
      say(
        'keep every connection to it that still stands: what the new system did outside of Nix (keys, firewall, sshd) stayed.',
      ),
      say('does it let you in?'),
      run(withVerb(place, 'check')),
      say('if not, mend it at its console; what happened there:'),
      ...transactionLog(place),
    ),
  }),

  'nothing-to-decide': ({ word }, place) => ({
    reason: `no deployment is under way on ${nameOf(place)}, so there is nothing to ${word}`,
    remedy: remedy(
      say('it may have ended already; this tells how, with its log:'),
      run(withVerb(place, 'attach')),
      say('what it runs and boots:'),
      run(withVerb(place, 'status')),
    ),
  }),

  'nothing-to-join': ({ id, known }, place) => ({
    reason:
      id === ''
        ? `no deployment is under way on ${nameOf(place)}, and its history has none`
        : `${nameOf(place)} knows no deployment ${shown(id, 40)}: it is neither under way there nor in its history`,
    remedy: remedy(
      ...(known.length === 0
        ? []
        : [say('the last ones that it knows:'), ...known.map((each) => run(withVerb(place, 'attach', each)))]),
      ...(id === ''
        ? [say('what it runs and boots:'), run(withVerb(place, 'status'))]
        : [
            say('one that was refused, or failed in its build, changed nothing and leaves only its log:'),
            run(onHostAsRoot(place, 'journalctl', '--no-pager', '-t', `flurry-${id}`)),
          ]),
    ),
  }),
};

function heldByHand(place: Place) {
  const unit = 'nixos-rebuild-switch-to-configuration.service';
  return {
    reason: `somebody switches the system of the host by hand at this moment (nixos-rebuild); ${isUntouched}`,
    remedy: remedy(
      say('what it does:'),
      run(onHost(place, 'journalctl', '-f', '-n', '50', '-u', unit)),
      say('to wait until it is done, and deploy then:'),
      run(again(place, '--wait-lock', '10m')),
    ),
  };
}

function heldByFlurry(
  {
    id,
    owner,
    since,
    state,
  }: { readonly id: string; readonly owner: string; readonly since: string; readonly state: string },
  place: Place,
) {
  const when = since === '' || since === 'unknown' ? '' : ` since ${shown(since, 40)}`;
  const names = [`deployment ${shown(id, 40)}`, ...(state === 'unknown' ? [] : [shown(state, 32)])].join(', ');
  return {
    reason: `${shown(owner, 100)} deploys to the host${when} (${names}); ${isUntouched} by this one`,
    remedy: remedy(
      say('to wait until that is done, and deploy then:'),
      run(again(place, '--wait-lock', '10m')),
      say('to see what it does, and how it ends:'),
      run(withVerb(place, 'attach')),
      say('to stop it, if you may; the host then puts itself back:'),
      run(withVerb(place, 'abort')),
    ),
  };
}

const untouchedStates: readonly string[] = ['locked', 'gating', 'gated', 'armed'];

function waysOut(lost: readonly string[], place: Place): readonly Line[] {
  const start = unitsOnHostAsRoot(place, ['systemctl', 'start'], lost);
  return [
    ...(start === null ? [] : [say('to start what does not run:'), run(start)]),
    say('a reboot starts its boot default; if that is the old system, and it boots by itself, it is a way back:'),
    run(onHost(place, 'readlink', ...systemLinks)),
    run(onHostAsRoot(place, 'systemctl', 'reboot')),
  ];
}

function transactionLog(place: Place): readonly Line[] {
  return [run(onHost(place, 'journalctl', '-n', '100', '--no-pager', '-u', 'flurry-*'))];
}
