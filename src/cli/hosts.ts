import { parseDestination } from '../config/destination.ts';
import type { Fleet } from '../config/fleet/fleet.ts';
import { readFleet } from '../config/fleet/read-fleet.ts';
import { verbs } from '../config/option.ts';
import { readReleaseRequest } from '../config/read-flake-request.ts';
import { readDeployRequest } from '../config/read-request.ts';
import { FlurryError } from '../core/problem.ts';
import { shellLine } from '../core/shell-quote.ts';
import { printable } from '../core/untrusted.ts';
import type { ExitCode } from '../core/verdict.ts';
import { rememberHosts } from './completion-hosts.ts';
import { pinRelease } from './flake-release.ts';
import { knownWords } from './known-words.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry` without a destination: tells which hosts the flake has and how to go on. Throws FlurryError; both exit 2. */
export async function hosts({ settings, line, world, signal }: VerbCall): Promise<ExitCode> {
  const typed = { ...line, settings };
  const wanted = readReleaseRequest(typed);
  if ('code' in wanted) throw new FlurryError(wanted);
  const { flurry, configurations } = await pinRelease({ ...wanted, signal });
  const fleet = readFleet(flurry, configurations);
  const request = readDeployRequest(typed, fleet);
  if ('code' in request) throw new FlurryError(request);
  await rememberHosts(wanted.reference, knownWords(fleet, configurations), world.environment);
  world.stderr.write(hostsText({ verb: line.verb, reference: wanted.reference, fleet }));
  return 2;
}

/** The text of `flurry` alone. */
export function hostsText({
  verb,
  reference,
  fleet: { kind, hosts },
}: {
  readonly verb: string;
  readonly reference: string;
  readonly fleet: Pick<Fleet, 'kind' | 'hosts'>;
}): string {
  const names = hosts.map(({ host }) => host.name);
  const [first = 'HOST', second] = names.filter(isPlainDestination);
  const flake = reference === '.' ? [] : ['--flake', reference];
  const deploy = (...names: readonly string[]): string => shellLine(['flurry', ...flake, ...names]);
  // Only a flake that says who its hosts are is needed to find them.
  const asked = kind === 'declared' ? flake : [];
  const ways: readonly (readonly [string, string])[] = [
    [shellLine(['flurry', 'list', ...flake]), 'how each is reached, its configuration, its tags'],
    [shellLine(['flurry', 'check', ...asked, first]), 'look at the host and judge it; changes nothing'],
    [shellLine(['flurry', 'plan', ...flake, first]), 'build, and tell what a deploy would do; changes nothing'],
    [deploy(first), 'deploy to it'],
    ...(second === undefined ? [] : [[deploy(first, second), 'deploy to several, in parallel'] as const]),
    [deploy(`root@192.0.2.7/${first}`), 'name user, address and configuration'],
    ['flurry --help', 'all the rest'],
  ];
  const isReachedByName = hosts.every(({ host }) => host.address === host.name);
  const width = Math.max(...ways.map(([command]) => command.length));
  const count = names.length === 1 ? '1 host' : `${names.length} hosts`;
  return [
    `flurry: ${verb} needs a destination; the flake ${printable(reference)} has ${count}:`,
    '',
    ...names.map((name) => `  ${printable(name)}`),
    '',
    `How to go on${isReachedByName ? ' (each name is also the address that ssh is given)' : ''}:`,
    '',
    ...ways.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`),
    '',
  ].join('\n');
}

/** A name that can stand alone on the command line: no odd letters, and no verb. */
function isPlainDestination(name: string): boolean {
  return !('code' in parseDestination(name)) && !verbs.some((verb) => verb === name);
}
