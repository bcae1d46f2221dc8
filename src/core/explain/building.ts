import type { Explanations } from '../explain.ts';
import type { Problem } from '../problem.ts';
import { nearNames } from './near-names.ts';
import { again, againWithNix, nameOf, onHost, onHostAsRoot, type Place } from './place.ts';
import { duration, size } from './quantity.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { isUntouched, whatTheHostDoes } from './state.ts';
import { listed, quoted, shown, withLastWords } from './text.ts';
import { journalOnHost } from './units.ts';
import { unknownToGit } from './unknown-to-git.ts';
import { elsewhere } from './usage.ts';

type Building =
  | 'copy-failed'
  | 'copy-stalled'
  | 'signature-refused'
  | 'build-failed'
  | 'build-killed'
  | 'build-timeout'
  | 'unit-vanished'
  | 'no-nixos-version'
  | 'no-such-specialisation'
  | 'self-check-missing'
  | 'self-check-failed'
  | 'self-check-timeout'
  | 'pre-switch-check-failed'
  | 'preview-failed';

/** Copy, build and gate: the system of the host was not changed. */
export const building: Explanations<Building> = {
  'copy-failed': ({ tail, what }, place) => ({
    reason: withLastWords(`the ${what === 'closure' ? 'new system' : 'flake'} could not be copied to the host`, tail),
    remedy: remedy(...(hintFrom(tail, place) ?? [say('what was copied stays there; to go on:'), run(again(place))])),
  }),

  'copy-stalled': ({ afterMs }, place) => ({
    reason: `the copy stood still: not a byte in ${duration(afterMs)}`,
    remedy: remedy(
      say('what was copied stays there; with more patience:'),
      run(again(place, '--copy-stall-timeout', '10m')),
    ),
  }),

  'signature-refused': ({ tail }, place) => ({
    reason: withLastWords(
      `Nix on ${nameOf(place)} takes no system that was built here and that it has no trusted signature of`,
      tail,
    ),
    remedy: remedy(
      say(
        'it takes them from trusted users. Whoever is one can do there whatever root can, so only name who may anyway:',
      ),
      say('nix.settings.trusted-users = [ "root" ];'),
      say('or sign what is built here, by nix.settings.secret-key-files = [ "/etc/nix/KEY.secret" ] here (nix key'),
      say(
        'generate-secret makes a key; nix store sign --recursive -k FILE signs what is there already), and let the host',
      ),
      say(
        'trust the key: nix.settings.trusted-public-keys = [ "NAME:…" ] (nix key convert-secret-to-public). Without any:',
      ),
      run(again(place, '--build-on', 'target')),
    ),
  }),

  'build-failed': ({ exitCode, tail, on, evaluated }, place) => ({
    reason: withLastWords(
      on === 'coordinator'
        ? `the build on this machine failed with exit code ${exitCode}`
        : `the build failed with exit code ${exitCode}`,
      tail,
    ),
    remedy: remedy(
      ...((on === 'coordinator'
        ? (cannotBuild(tail, place) ?? hintFrom(tail, here(place), 'this machine'))
        : hintFrom(tail, place)) ?? [say('mend the configuration, then:'), run(again(place))]),
      ...(evaluated === 'no' && unknownToGit(tail).length === 0
        ? [
            say('if the host could not fetch an input, send it all of them:'),
            run(again(place, '--copy-inputs', 'always')),
          ]
        : []),
    ),
  }),

  'build-killed': (problem, place) => ({
    reason: `${problem.victim === 'nix' ? 'Nix' : 'the build'} was killed, ${
      problem.outOfMemory === 'yes' ? 'because' : 'most likely because'
    } ${problem.on === 'coordinator' ? 'this machine' : 'the host'} ran out of memory (it has ${size(problem.memoryBytes)})${
      problem.victim === 'nix' ? '; to evaluate a system takes 1 GiB and more' : ''
    }`,
    remedy: remedy(...(problem.on === 'coordinator' ? lessHere(place) : moreMemory(problem, place))),
  }),

  'build-timeout': ({ afterMs }, place) => ({
    reason: `the build was not done within ${duration(afterMs)} and was stopped`,
    remedy: remedy(
      say('what was built stays there; with more patience:'),
      run(again(place, '--build-timeout', moreHours(afterMs))),
    ),
  }),

  'unit-vanished': ({ unit }, place) => ({
    reason: `the unit ${shown(unit, 80)} is gone from the host and left no result: it was removed by hand, or the host was restarted; ${whatTheHostDoes(place)}`,
    remedy: remedy(say('what became of it:'), run(journalOnHost(place, [unit])), say('then:'), run(again(place))),
  }),

  'no-nixos-version': ({ toplevel }) => ({
    reason: `${shown(toplevel)} is no NixOS system: it has no file nixos-version`,
    remedy: remedy(
      say('the configuration must come from nixpkgs.lib.nixosSystem, or set system.build.toplevel likewise'),
    ),
  }),

  'no-such-specialisation': ({ named, existing }, place) => {
    const [near = existing[0]] = nearNames(named, existing);
    return {
      reason: `the new system of ${nameOf(place)} has no specialisation ${quoted(named, 64)}; ${existing.length === 0 ? 'it has none' : `it has ${listed(existing)}`}; ${isUntouched}`,
      remedy: remedy(
        ...(near === undefined ? [] : [say('one that it has:'), run(again(place, '--specialisation', near))]),
        say('without any:'),
        run(again(place, '--specialisation', 'none')),
      ),
    };
  },

  'self-check-missing': ({ path }, place) => ({
    reason: `the new system of ${nameOf(place)} has no self-check at ${shown(path)}; ${isUntouched}`,
    remedy: remedy(say('add it by system.extraSystemBuilderCmds, or correct the path in the settings')),
  }),

  'self-check-failed': ({ path, exitCode, tail }, place) => ({
    reason: withLastWords(`the self-check ${shown(path)} of the new system said no with exit code ${exitCode}`, tail),
    remedy: remedy(say(`${isUntouched}; mend what it found, then:`), run(again(place))),
  }),

  'self-check-timeout': ({ path, afterMs }, place) => ({
    reason: `the self-check ${shown(path)} of the new system did not end within ${duration(afterMs)}`,
    remedy: remedy(say(`${isUntouched}; with more patience:`), run(again(place, '--self-check-timeout', '5m'))),
  }),

  'pre-switch-check-failed': ({ exitCode, tail }, place) => ({
    reason: withLastWords(`a pre-switch check of the new system said no with exit code ${exitCode}`, tail),
    remedy: /switchInhibitors/.test(tail)
      ? remedy(
          say('this change cannot be made while the host runs. It can be booted, untested, with no net under it:'),
          run(again(place, '--goal', 'boot')),
        )
      : remedy(say(`${isUntouched}; mend what it found, then:`), run(again(place))),
  }),

  'preview-failed': ({ exitCode, tail }, place) => ({
    reason: withLastWords(`the dry activation failed with exit code ${exitCode}`, tail),
    remedy: remedy(say(`${isUntouched}; see all that it says:`), run(again(place, '--verbose'))),
  }),
};

function moreMemory({ victim }: Pick<Problem<'build-killed'>, 'victim'>, place: Place): readonly Line[] {
  return [
    ...(victim === 'nix'
      ? []
      : [say('let it build less at once:'), run(againWithNix(place, '--max-jobs', '1', '--cores', '1'))]),
    say(`let this machine ${victim === 'nix' ? 'evaluate and build' : 'build'}, and send the host what comes of it:`),
    run(again(place, '--build-on', 'local')),
    say('swap helps for good: zramSwap.enable or swapDevices in the configuration of the host; what used the memory:'),
    run(onHost(place, 'free', '-h')),
    run(onHost(place, 'journalctl', '-k', '-b', '-n', '40', '--no-pager')),
  ];
}

function lessHere(place: Place): readonly Line[] {
  return [say('let the host evaluate and build:'), run(again(place, '--build-on', 'target'))];
}

const derivationPath = /\/nix\/store\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+._?=-]{1,200}\.drv(?![A-Za-z0-9+._?=-])/;

/** Advice that follows from words a program is known to use. Words choose a hint only, never a verdict. */
function hintFrom(tail: string, place: Place, who: 'the host' | 'this machine' = 'the host'): readonly Line[] | null {
  const text = tail.slice(-65_536);
  const unknown = unknownToGit(text);
  if (unknown.length > 0) return [...unknown, say('then:'), run(again(place))];
  if (/out of memory|std::bad_alloc|cannot allocate memory/i.test(text)) {
    return who === 'the host' ? moreMemory({ victim: 'nix' }, place) : lessHere(place);
  }
  if (/No space left on device/i.test(text)) {
    return [
      say('the disk is full; delete old generations:'),
      run(onHostAsRoot(place, 'nix-collect-garbage', '--delete-older-than', '14d')),
    ];
  }
  if (/Could ?n[o']t resolve host|unable to download|Temporary failure in name resolution/i.test(text)) {
    return [
      say(`${who} cannot fetch what it needs; does it reach the cache?`),
      run(onHost(place, 'curl', '-sSI', 'https://cache.nixos.org/nix-cache-info')),
    ];
  }
  // The log names first what will be built; of what failed, the first brought the others down. (Nix ≥ 2.30: Cannot build)
  const derivation = (/(?:builder for|Cannot build) '([^']+)'/.exec(text)?.[1] ?? text).match(derivationPath)?.[0];
  if (derivation === undefined) return null;
  return [
    say('see the whole log of what failed:'),
    run(onHost(place, 'nix', 'log', derivation)),
    say('then:'),
    run(again(place)),
  ];
}

/** Platforms that are known are refused earlier. (Nix ≥ 2.30: Required system) */
function cannotBuild(tail: string, place: Place): readonly Line[] | null {
  const [, platform] = /a '([a-z0-9_-]+)' with features|Required system: '?([a-z0-9_-]+)/.exec(tail) ?? [];
  return /is required to build|Required system:/.test(tail) ? elsewhere(platform ?? '', place) : null;
}

/** What was built here is looked at here; what is typed again stays the same. */
function here(place: Place): Place {
  return { ...place, destination: 'local', command: again(place) };
}

function moreHours(afterMs: number): string {
  return `${Math.max(1, Math.ceil((2 * afterMs) / 3_600_000))}h`;
}
