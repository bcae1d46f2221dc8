import type { Problem } from '../core/problem.ts';
import { deepFreeze } from './deep-freeze.ts';
import type { GivenSettings } from './given.ts';
import { readNixArguments } from './nix-arguments.ts';
import type { Verb } from './option.ts';
import type { FlakeRequest } from './request.ts';
import { grammarProblems } from './selection.ts';
import {
  type DeploySettings,
  type ListSettings,
  type Read,
  readCheckSettings,
  readDecideSettings,
  readDeploySettings,
  readHistorySettings,
  readListSettings,
  readRollbackSettings,
} from './settings.ts';
import { noNixProblems, type Typed, verbosityProblems } from './typed.ts';

/**
 * Reads which flake a release is to be taken from, or tells every problem that can be told before it is read. What it
 * says itself may bear on the rest.
 */
export function readReleaseRequest(typed: Typed): FlakeRequest | Problem<'bad-arguments'> {
  const { value: settings, problems } = readDeploySettings(typed.settings);
  const nix = readNixArguments(typed.nixArguments);
  const all = [
    ...typed.problems,
    ...problems,
    ...nix.problems,
    ...verbosityProblems(typed.settings),
    ...grammarProblems(typed),
  ];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  return deepFreeze(flakeRequest(typed, settings, nix.words));
}

/** As `readReleaseRequest`, for a verb that takes from the flake only which hosts there are; undefined: it is to read none. */
export function readFleetRequest(
  verb: Exclude<Verb, 'deploy' | 'plan'>,
  typed: Typed,
): FlakeRequest | undefined | Problem<'bad-arguments'> {
  const { value: settings, problems } = readerOf(verb)(typed.settings);
  const all = [
    ...typed.problems,
    ...problems,
    ...noNixProblems(verb, typed),
    ...verbosityProblems(typed.settings),
    ...grammarProblems(typed),
  ];
  if (settings === undefined || all.length > 0) return { code: 'bad-arguments', problems: all };
  if (settings.noFlake) return undefined;
  return deepFreeze(flakeRequest(typed, settings, []));
}

type Evaluating = Pick<
  DeploySettings,
  'flake' | 'overrideInput' | 'option' | 'impure' | 'acceptFlakeConfig' | 'showTrace'
>;

function flakeRequest(typed: Typed, settings: Evaluating, nixArguments: readonly string[]): FlakeRequest {
  return {
    reference: settings.flake,
    from: typed.settings.get('flake')?.from === 'default' ? 'default' : 'typed',
    overrides: settings.overrideInput.map(([input, reference]) => ({ input, reference })),
    nixArguments: [...nixArgumentsOf(settings), ...nixArguments],
  };
}

function readerOf(verb: Exclude<Verb, 'deploy' | 'plan'>): (given: GivenSettings) => Read<ListSettings> {
  switch (verb) {
    case 'check':
      return readCheckSettings;
    case 'rollback':
      return readRollbackSettings;
    case 'history':
      return readHistorySettings;
    case 'list':
      return readListSettings;
    case 'config':
      return (given) => {
        const { value, problems } = readDeploySettings(given);
        return { ...(value !== undefined && { value: { ...value, noFlake: false } }), problems };
      };
    default:
      return readDecideSettings;
  }
}

function nixArgumentsOf(settings: Evaluating): readonly string[] {
  return [
    ...(settings.impure ? ['--impure'] : []),
    ...(settings.acceptFlakeConfig ? ['--accept-flake-config'] : []),
    ...(settings.showTrace ? ['--show-trace'] : []),
    ...settings.option.flatMap(([name, value]) => ['--option', name, value]),
  ];
}
