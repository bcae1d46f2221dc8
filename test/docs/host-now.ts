import type { ProblemCode } from '../../src/core/problem.ts';

/** What a host runs after a problem of each code, for the failure guide; a missing code does not compile. */
type HostNow = { readonly [C in ProblemCode]: string };

export const noHost = 'No host was touched; the run ends with exit code 2.';
export const untouched = 'The system of the host was not changed.';
export const isBack = 'The host has put itself back: it compared, and runs and boots what it did before.';

const inStore = `${untouched} What was copied or built stays in its store until it is garbage collected.`;
const dependsOnWhen =
  'Before the test: its system was not changed. From the test on, unless it was confirmed, it puts itself back by the deadline that it keeps itself; confirmed, it goes on to promote.';
const looked = `${untouched} It was only looked at.`;

export const hostNow: HostNow = {
  'bad-argument': noHost,
  'bad-arguments': noHost,
  'not-a-verb': noHost,
  'no-nix': noHost,
  'no-flake': noHost,
  'no-lock': noHost,
  'flake-failed': noHost,
  'no-configurations': noHost,
  'no-such-configuration': noHost,
  'ssh-config': noHost,
  'cannot-build-here': noHost,

  'unknown-address': untouched,
  'connection-refused': untouched,
  'no-route': untouched,
  'connect-timeout': untouched,
  'handshake-failed': untouched,
  'host-key-unknown': `${untouched} Nothing was sent to it.`,
  'host-key-changed': `${untouched} Nothing was sent to it.`,
  'host-key-revoked': `${untouched} Nothing was sent to it.`,
  'host-key-not-pinned': `${untouched} Nothing was sent to it.`,
  'host-key-unchecked': `${untouched} Nothing was sent to it.`,
  'key-unusable': untouched,
  'authentication-failed': untouched,
  'ssh-unsupported': untouched,
  'no-ssh': untouched,
  'jump-loop': untouched,
  'jump-refused': untouched,
  'proxy-command-failed': untouched,
  'connection-lost': dependsOnWhen,
  'forward-refused': untouched,
  stopped: untouched,

  'wave-stopped': untouched,
  'dependency-failed': untouched,

  'bad-answer': dependsOnWhen,
  'answer-too-long': dependsOnWhen,
  'answer-timeout': dependsOnWhen,
  'host-script-failed': dependsOnWhen,

  'no-privilege': untouched,
  'not-nixos': looked,
  'no-nix-on-host': looked,
  'not-running': looked,
  degraded: looked,
  'wrong-host': looked,
  'wrong-machine': looked,
  'would-downgrade': looked,
  'no-configuration-for-host': looked,
  'wrong-architecture': looked,
  'disk-full': `${untouched} It is looked at first, and once more before the test; what was copied or built by then stays in its store.`,
  'switch-under-way': `${untouched} Somebody else is changing it.`,

  'nothing-to-roll-back-to': looked,
  'not-what-was-promoted': looked,
  'no-such-generation': looked,
  'no-such-revision': looked,
  'ambiguous-revision': looked,
  'system-gone': looked,

  'copy-failed': inStore,
  'signature-refused': inStore,
  'copy-stalled': inStore,
  'build-failed': inStore,
  'build-killed': inStore,
  'build-timeout': inStore,
  'unit-vanished': dependsOnWhen,
  'no-nixos-version': inStore,
  'no-such-specialisation': inStore,
  'self-check-missing': inStore,
  'self-check-failed': inStore,
  'self-check-timeout': inStore,
  'pre-switch-check-failed': inStore,
  'preview-failed': inStore,

  'activation-failed': isBack,
  'activation-timeout': isBack,
  'units-failed': isBack,
  'reboot-needed': inStore,
  'switch-inhibited': inStore,
  'switch-locked': 'The host runs what it ran before: at the gate nothing was touched, behind it the host went back.',
  locked: `${untouched} The other deployment goes on.`,
  'others-failed': 'The reason says which: its system was not changed, or it has put itself back.',
  declined: inStore,
  'not-released': inStore,
  'unit-masked': inStore,
  'run-full': inStore,
  'arming-failed': inStore,
  'history-unwritable': inStore,
  'transaction-died': 'The reason says which: its system was not changed, or it has put itself back.',
  'ended-by-shutdown':
    'The host is shutting down. It comes up in its boot default: the old system, unless it was promoted.',
  'ended-by-reboot': 'The host came up in its boot default: the old system, unless it was promoted.',
  'check-failed': `Before the test, and by flurry check: ${untouched.charAt(0).toLowerCase()}${untouched.slice(1)} After it: the host has put itself back, and runs and boots what it did before. After a reboot into what it boots already: it runs and boots the new system.`,
  'not-confirmed': isBack,
  'promotion-failed': isBack,
  'rollback-failed':
    'In doubt. It could not put itself back wholly, and stays as it is (--if-rollback-fails hold), or reboots into its boot default.',
  'no-way-in': 'In doubt. It says that it is back, and lets nobody in anew.',
  'contact-lost':
    'In doubt where it was lost in its transaction: it goes on by itself, and unless it was confirmed it puts itself back. Lost earlier, its system was not changed.',
  'changed-by-someone-else': 'In doubt. It runs what somebody else made it run; flurry left that alone.',
  'nothing-to-decide': looked,
  'nothing-to-join': looked,
  'transaction-unknown': 'In doubt. Unless it was confirmed, it puts itself back by the deadline that it keeps itself.',

  'not-back-after-reboot':
    'In doubt. After a trial boot its next boot is the old system; otherwise the new system is its boot default.',
  'booted-other-system': 'It runs another system than it was rebooted into: after a trial boot the old one.',
  'trial-unpromoted': 'In doubt. It runs the new system, and its next boot is the old one.',
  'unwell-after-reboot':
    'After a trial boot it was rebooted into the old system and looked at again. Otherwise in doubt: it runs and boots the new one.',

  interrupted: dependsOnWhen,
  internal: dependsOnWhen,
};
