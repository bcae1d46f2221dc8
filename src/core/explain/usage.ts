import type { Explanations } from '../explain.ts';
import { shellLine } from '../shell-quote.ts';
import { printable } from '../untrusted.ts';
import { nearNames } from './near-names.ts';
import { again, againAs, type Place } from './place.ts';
import { count } from './quantity.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { listed, quoted, shown, withLastWords } from './text.ts';
import { unknownToGit } from './unknown-to-git.ts';

type Usage =
  | 'bad-argument'
  | 'bad-arguments'
  | 'not-a-verb'
  | 'no-nix'
  | 'no-flake'
  | 'no-lock'
  | 'flake-failed'
  | 'no-configurations'
  | 'no-such-configuration'
  | 'ssh-config'
  | 'cannot-build-here';

/** Usage and configuration: exit 2, no host was touched. */
export const usage: Explanations<Usage> = {
  'bad-argument': (problem) => ({
    reason: badArgument(problem),
    remedy: problem.next === undefined ? null : printable(problem.next),
  }),

  'bad-arguments': ({ problems }) => ({
    reason: `${count(problems.length, 'argument')} cannot be used: ${problems.map(badArgument).join('; ')}`,
    remedy:
      [...new Set(problems.flatMap(({ next }) => (next === undefined ? [] : [printable(next)])))].join('\n') || null,
  }),

  'not-a-verb': ({ word, suggestion }) => ({
    reason: `${quoted(word)} is neither a verb of flurry nor a host of this flake; nothing was done`,
    remedy: remedy(say('if you meant this:'), run(suggestion)),
  }),

  'no-nix': ({ looked }) => ({
    reason: `the program nix was not found on this machine (looked in ${shown(looked, 200)})`,
    remedy: remedy(say('install Nix here, or add it to PATH; every release is at https://nixos.org/download')),
  }),

  'no-flake': ({ reference, said }) => ({
    reason: withLastWords(`Nix cannot read ${flake(reference)}`, said),
    remedy: saysUntracked.test(said)
      ? remedy(say('Nix sees only files that git knows; if flake.nix is new:'), run('git add flake.nix'))
      : remedy(say('see what Nix makes of it, or name another flake with -f:'), run(nixFlake('metadata', reference))),
  }),

  'no-lock': ({ reference, inputs }) => ({
    reason: `${flake(reference)} is not fully locked${
      inputs.length > 0 ? ` (${listed(inputs)})` : ''
    }, so each host could resolve another nixpkgs`,
    remedy: remedy(say('write the lock file, look at it, then run flurry again:'), run(nixFlake('lock', reference))),
  }),

  'flake-failed': ({ reference, said, output }) => ({
    reason: withLastWords(
      `${output === 'flurry' ? 'the output flurry of ' : ''}${flake(reference)} cannot be evaluated`,
      said,
    ),
    remedy: remedy(
      ...unknownToGit(said),
      say('see the whole error:'),
      run(
        output === 'flurry'
          ? shellLine(['nix', 'eval', `${reference}#flurry`, '--json', '--show-trace'])
          : shellLine(['nix', 'eval', `${reference}#nixosConfigurations`, ...namesOnly, '--show-trace']),
      ),
    ),
  }),

  'no-configurations': ({ reference }) => ({
    reason: `${flake(reference)} has no nixosConfigurations, so there is nothing to deploy`,
    remedy: remedy(say('name another flake with -f, or see what this one offers:'), run(nixFlake('show', reference))),
  }),

  'no-such-configuration': ({ named, existing }, place) => ({
    reason: `the flake has no configuration ${quoted(named, 64)}; ${
      existing.length > 0 ? `it has ${listed(existing)}` : 'it has none at all'
    }; no host was touched`,
    remedy: configurationAdvice(named, existing, place),
  }),

  'ssh-config': ({ said }) => ({
    reason: withLastWords('ssh cannot read its configuration', said),
    remedy: remedy(say('mend ~/.ssh/config; this shows the same error:'), run('ssh -G localhost')),
  }),

  'cannot-build-here': ({ configurations, here }, place) => ({
    reason: `this machine cannot build ${listed(
      configurations.map(({ name, platform }) => `${name} (${platform})`),
    )}; Nix here builds for ${listed(here)}`,
    remedy: remedy(...elsewhere(configurations[0]?.platform ?? '', place)),
  }),
};

const namesOnly = ['--apply', 'builtins.attrNames'];

/** How a system gets built that this machine cannot build. */
export function elsewhere(platform: string, place: Place): readonly Line[] {
  const its = /^[a-z0-9_]+-[a-z0-9]+$/.test(platform) ? platform : 'aarch64-linux';
  return [
    say('let each host build for itself:'),
    run(again(place, '--build-on', 'target')),
    say('or give Nix here a builder for it (nix.buildMachines, or --option builders), or, if this is NixOS, let it'),
    say(`emulate the platform, slowly: boot.binfmt.emulatedSystems = [ "${its}" ];`),
  ];
}

// Nix 2.8 names the copy in the store, which lacks the file; later ones say it. Where there is no repository, they
// search the folders above, and say so.
const saysUntracked =
  /not tracked by git|'git[^']*' does not contain a '[^']*flake\.nix'|path '[^']*flake\.nix' does not exist|'\/nix\/store\/[^']*flake\.nix': No such file/i;

/** Which configuration to name instead, and how: near names first. */
export function configurationAdvice(named: string, existing: readonly string[], place: Place): string | null {
  const near = nearNames(named, existing);
  const best = near[0] ?? (existing.length === 1 ? existing[0] : undefined);
  if (best === undefined) {
    return existing.length > 0 ? remedy(say('name one of them:'), run(againAs(place, 'NAME'))) : null;
  }
  const words = near.length > 0 ? `did you mean ${near.map((name) => shown(name, 64)).join(' or ')}?` : 'there is only';
  return remedy(
    say(near.length > 0 ? words : `${words} ${shown(best, 64)}; if that is meant:`),
    run(againAs(place, best)),
  );
}

function badArgument(problem: {
  readonly argument: string;
  readonly expected: string;
  readonly found: string;
  readonly notation?: 'nix';
}): string {
  const found = problem.notation === 'nix' ? shown(problem.found) : quoted(problem.found);
  return `${shown(problem.argument)} must be ${shown(problem.expected, 200)}, found ${found}`;
}

function flake(reference: string): string {
  return `flake ${shown(reference)}`;
}

function nixFlake(command: 'lock' | 'metadata' | 'show', reference: string): string {
  return shellLine(['nix', 'flake', command, ...(reference === '.' ? [] : [reference])]);
}
