import { nearNames } from '../../core/explain/near-names.ts';
import type { Problem } from '../../core/problem.ts';
import type { Option } from '../option.ts';
import { flagOf, settingOf, variableOf } from '../option-names.ts';
import { options } from '../options.ts';
import { attribute, nixText } from './nix-text.ts';
import { everyHost, oneHost } from './own-settings.ts';

/** In which set of the output `flurry` a name stands. */
export type Where = 'top' | 'defaults' | 'host' | 'limits of defaults' | 'limits of a host';

/** Names that mean something in a set. */
export function knownIn(where: Where): readonly string[] {
  if (where === 'top') return ['defaults', 'hosts'];
  const isOfAll = where === 'defaults' || where === 'limits of defaults';
  const own = Object.keys((isOfAll ? everyHost : oneHost).shape);
  const settings = optionsIn(isOfAll ? 'defaults' : 'host');
  const limits = settings.filter(isLimit).map(settingOf);
  if (where !== 'defaults' && where !== 'host') return limits;
  return [...own, ...settings.filter((option) => !isLimit(option)).map(settingOf), 'checks', 'limits'];
}

/** The options that may be set for all hosts, or for one. */
export function optionsIn(where: 'defaults' | 'host'): readonly Option[] {
  return all.filter(({ inFlake }) => inFlake === 'host' || (inFlake === 'run' && where === 'defaults'));
}

/** Limits stand together, in a set of their own. */
export function isLimit({ group }: Option): boolean {
  return group === 'Time limits';
}

/** Tells of each name in a set that means nothing there, and what was probably meant. */
export function unknownNames(
  set: Readonly<Record<string, unknown>>,
  place: string,
  where: Where,
  configurations: readonly string[] = [],
): readonly Problem<'bad-argument'>[] {
  const known = knownIn(where);
  return Object.keys(set)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      ...{ code: 'bad-argument', argument: `${place}.${attribute(name)}`, notation: 'nix' },
      ...judged(name, set[name], { where, known, configurations }),
    }));
}

const all: readonly Option[] = options;

type Judged = { readonly expected: string; readonly found: string; readonly next: string };

interface Around {
  readonly where: Where;
  readonly known: readonly string[];
  readonly configurations: readonly string[];
}

function judged(name: string, value: unknown, around: Around): Judged {
  const { where } = around;
  const option = all.find((one) => settingOf(one) === name && one.chooses === undefined && one.kind !== 'question');
  const isAmongLimits = where === 'limits of defaults' || where === 'limits of a host';
  const isKnownHere = where !== 'top' && (option === undefined ? isOwn(name) : true);
  if (isKnownHere && isAmongLimits) {
    return { expected: 'a limit', found: 'another setting', next: `write ${name} beside limits, not in it` };
  }
  if (isKnownHere && option?.inFlake !== undefined && isLimit(option)) {
    return { expected: 'within limits', found: 'it beside them', next: `write limits.${name}${asDuration(value)}` };
  }
  if (isKnownHere && option?.inFlake === 'run') {
    const next = `write flurry.defaults.${name}`;
    return { expected: 'a setting of one host', found: 'one of the whole run', next };
  }
  if (isKnownHere && option === undefined) {
    const next = `write flurry.hosts.<name>.${name}`;
    return { expected: 'a setting of all hosts', found: 'one of a single host', next };
  }
  if (option !== undefined && option.inFlake === undefined) {
    const variable = variableOf(option);
    const next = `give it as ${flagOf(option)}${variable === undefined ? '' : ` or ${variable}`}`;
    return { expected: 'a setting that a flake may have', found: 'one of the command line', next };
  }
  const next = nextFor(name, around);
  return { expected: 'a setting that flurry knows', found: 'none of that name', next };
}

function isOwn(name: string): boolean {
  return Object.hasOwn(oneHost.shape, name);
}

/** deploy-rs counts seconds. */
function asDuration(value: unknown): string {
  return Number.isInteger(value) ? ` = "${value}s"` : typeof value === 'string' ? ` = ${nixText(value)}` : '';
}

function nextFor(name: string, { where, known, configurations }: Around): string {
  if (where === 'top' && configurations.includes(name)) return `did you mean flurry.hosts.${attribute(name)}?`;
  const advice = instead.get(name);
  if (advice !== undefined && (where === 'host' || where === 'defaults')) return advice;
  const limits = known.includes('limits') ? knownIn('limits of a host') : [];
  const meant = [meanings.get(name), ...nearNames(name, [...known, ...limits])].find(
    (one) => one !== undefined && (known.includes(one) || limits.includes(one)),
  );
  if (meant === undefined) return `there are ${known.join(', ')}`;
  return `did you mean ${limits.includes(meant) ? 'limits.' : ''}${meant}?`;
}

/** What deploy-rs, colmena and others call it, or what it is called elsewhere here. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['nodes', 'hosts'],
  ['machines', 'hosts'],
  ['targets', 'hosts'],
  ['common', 'defaults'],
  ['targetHost', 'address'],
  ['host', 'address'],
  ['hostname', 'address'],
  ['hostName', 'address'],
  ['sshHost', 'address'],
  ['ip', 'address'],
  ['targetUser', 'user'],
  ['sshUser', 'user'],
  ['targetPort', 'port'],
  ['sshPort', 'port'],
  ['sshOpts', 'sshOptions'],
  ['publicKey', 'hostKeys'],
  ['hostKey', 'hostKeys'],
  ['nixosConfiguration', 'configuration'],
  ['timeouts', 'limits'],
  ['healthChecks', 'checks'],
  ['healthcheck', 'checks'],
]);

const buildOn = 'did you mean buildOn? It is "target" (the default) or "local"';
const elevate = 'did you mean elevate? It is "sudo", "doas", "run0", "none" or "auto" (the default)';

/** What to do about names of theirs that have no match. */
const instead: ReadonlyMap<string, string> = new Map([
  ...['remoteBuild', 'buildOnTarget', 'buildHost'].map((name) => [name, buildOn] as const),
  ...['sudo', 'useSudo', 'useRemoteSudo', 'privilegeEscalationCommand'].map((name) => [name, elevate] as const),
  ['deployment', 'write what is in it without deployment around it'],
  ['profiles', 'leave it out: a host gets its NixOS configuration, by configuration = "…"'],
  ['profilesOrder', 'leave it out: a host gets its NixOS configuration, by configuration = "…"'],
  ['magicRollback', 'leave it out: a host that is not confirmed always puts itself back'],
  ['autoRollback', 'leave it out: onUnitFailure = "rollback" is the default'],
  ['fastConnection', 'leave it out: a host that builds fetches from its own substituters; see also copyInputs'],
  ['interactiveSudo', 'leave it out, and give -S: --ask-elevate-password'],
  ['allowLocalDeployment', 'leave it out: the destination local is this machine'],
  ['keys', 'leave it out: flurry brings no secrets; sops-nix and agenix do'],
]);
