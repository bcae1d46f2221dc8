import type { Explanations } from '../explain.ts';
import { shellLine } from '../shell-quote.ts';
import { again, againAs, nameOf, onHost, onHostAsRoot, type Place } from './place.ts';
import { count, size } from './quantity.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { listed, quoted, shown } from './text.ts';
import { unitNames, unitsOnHost, unitsOnHostAsRoot } from './units.ts';
import { configurationAdvice } from './usage.ts';

type Standing =
  | 'not-nixos'
  | 'no-nix-on-host'
  | 'not-running'
  | 'degraded'
  | 'wrong-host'
  | 'wrong-machine'
  | 'would-downgrade'
  | 'no-configuration-for-host'
  | 'wrong-architecture'
  | 'disk-full'
  | 'switch-under-way';

/** How a host stands before anything is copied: it was only looked at. */
export const standing: Explanations<Standing> = {
  'not-nixos': ({ found }, place) => ({
    reason: `${nameOf(place)} does not run NixOS, it says ${quoted(found)}`,
    remedy: remedy(say('is it the right machine? see for yourself:'), run(onHost(place, 'cat', '/etc/os-release'))),
  }),

  'no-nix-on-host': (_, place) => ({
    reason: `there is no Nix on ${nameOf(place)}`,
    remedy: remedy(
      say('a host must be able to build: set nix.enable = true in its configuration. See for yourself:'),
      run(onHost(place, 'nix', '--version')),
    ),
  }),

  'not-running': ({ state }, place) => ({
    reason: `systemd on the host says ${quoted(state, 64)} instead of "running"`,
    remedy: remedy(...stateAdvice(state, place)),
  }),

  degraded: ({ failedUnits }, place) => ({
    reason: `${count(failedUnits.length, 'unit')} failed on the host before anything was done: ${listed(failedUnits)}`,
    remedy: remedy(
      say('see why:'),
      run(unitsOnHost(place, ['systemctl', 'status', '--no-pager'], failedUnits)),
      say(`to go on without ${failedUnits.length === 1 ? 'it' : 'them'}, or whatever has failed:`),
      // With more units than are listed here the first command would not be enough.
      ...(unitNames(failedUnits).length === failedUnits.length
        ? [run(again(place, ...failedUnits.flatMap(ignoreUnit)))]
        : []),
      run(again(place, '--allow-degraded')),
      ...mended(failedUnits, place),
    ),
  }),

  'wrong-host': ({ hostname, configuration }, place) => ({
    reason: `the host calls itself ${quoted(hostname, 64)}, another configuration of this flake than ${quoted(configuration, 64)}; nothing was touched`,
    remedy: remedy(
      say(
        `does ${nameOf(place)} lead to the right machine (~/.ssh/config, DNS)? if it does, and that is ${shown(hostname, 64)}:`,
      ),
      run(againAs(place, hostname)),
      say(`only if that machine is to become ${shown(configuration, 64)}:`),
      run(againAs(place, configuration)),
    ),
  }),

  'wrong-machine': ({ expected, found }, place) => ({
    reason: `another machine answers as ${nameOf(place)}: its machine id is ${found === '' ? 'not there' : shown(found, 64)}, and the flake pins ${shown(expected, 64)}; nothing was touched`,
    remedy: remedy(
      say(`does ${nameOf(place)} lead to the right machine (its address, ~/.ssh/config, DNS)? see for yourself:`),
      run(onHost(place, 'cat', '/etc/machine-id')),
      say('if it is the right one, and was installed anew, write its machine id into flurry.hosts in the flake, then:'),
      run(again(place)),
    ),
  }),

  'would-downgrade': ({ newer, older, tree, commits, by, at, repository }, place) => ({
    reason: `${nameOf(place)} runs revision ${short(newer)}, ${count(commits, 'commit')} ahead of ${tree === 'dirty' ? 'the commit of this dirty tree, ' : ''}${short(older)}; ${shown(by, 64)} deployed it ${shown(at, 40)}; nothing was touched`,
    remedy: remedy(
      say('what it would lose:'),
      run(shellLine(['git', '-C', repository, 'log', '--oneline', `${short(older)}..${short(newer)}`])),
      say('to keep that, take it in, then once more:'),
      run(shellLine(['git', '-C', repository, 'merge', short(newer)])),
      say('to go back on purpose:'),
      run(again(place, '--allow-downgrade')),
    ),
  }),

  'no-configuration-for-host': ({ hostname, existing }, place) => ({
    reason: `the host calls itself ${quoted(hostname, 64)}, and the flake has no such configuration; ${
      existing.length > 0 ? `it has ${listed(existing)}` : 'it has none at all'
    }`,
    remedy: configurationAdvice(hostname, existing, place),
  }),

  'wrong-architecture': ({ host, configuration }, place) => ({
    reason: `the host is ${shown(host, 32)}, but the configuration is for ${shown(configuration, 32)}`,
    remedy: remedy(
      say(`is it the right configuration? if so, set nixpkgs.hostPlatform = "${shown(host, 32)}" in it. Another one:`),
      run(againAs(place, 'NAME')),
    ),
  }),

  'disk-full': ({ path, freeBytes, neededBytes }, place) => ({
    reason: `${shown(path, 16)} has ${size(freeBytes)} free, at least ${size(neededBytes)} are needed`,
    remedy: remedy(
      say(
        path === '/boot'
          ? 'delete old generations, then their kernels and initrds:'
          : 'delete old generations and what only they need:',
      ),
      run(onHostAsRoot(place, 'nix-collect-garbage', '--delete-older-than', '14d')),
      ...(path === '/boot' ? [run(onHostAsRoot(place, `${profile}/bin/switch-to-configuration`, 'boot'))] : []),
    ),
  }),

  'switch-under-way': ({ what }, place) => ({
    reason: `the system of the host is being switched at this moment: ${shown(what, 200)}`,
    remedy: remedy(
      say('wait for it; to watch:'),
      run(onHost(place, 'journalctl', '-f', '-n', '50', '-u', 'flurry-*', '-u', 'nixos-*')),
      say('then:'),
      run(again(place)),
    ),
  }),
};

function short(rev: string): string {
  return shown(rev.slice(0, 12));
}

const profile = '/nix/var/nix/profiles/system';

/** A unit counts as failed until it was started again, or somebody says that it is mended. */
function mended(failedUnits: readonly string[], place: Place): readonly Line[] {
  const reset = unitsOnHostAsRoot(place, ['systemctl', 'reset-failed'], failedUnits);
  return reset === null ? [] : [say('or, once that is mended:'), run(reset)];
}

function ignoreUnit(unit: string): readonly string[] {
  return unit.startsWith('-') ? [`--ignore-unit=${unit}`] : ['--ignore-unit', unit];
}

function stateAdvice(state: string, place: Place): readonly Line[] {
  switch (state) {
    case 'initializing':
    case 'starting':
      return [say('it is still starting; what it waits for:'), run(onHost(place, 'systemctl', 'list-jobs'))];
    case 'stopping':
      return [say('it is shutting down; wait until it is back, then:'), run(again(place))];
    case 'maintenance':
      return [say('it is in rescue or emergency mode; why:'), run(failedOnHost(place))];
    default:
      return [say('see what is wrong:'), run(failedOnHost(place))];
  }
}

function failedOnHost(place: Place): string {
  return onHost(place, 'systemctl', '--failed', '--no-pager');
}
