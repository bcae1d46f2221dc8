import { parseDestination } from '../config/destination.ts';
import { verbs } from '../config/option.ts';
import { readDeployRequest } from '../config/request.ts';
import { FlurryError } from '../core/problem.ts';
import { shellLine } from '../core/shell-quote.ts';
import { printable } from '../core/untrusted.ts';
import type { ExitCode } from '../core/verdict.ts';
import { rememberHosts } from './completion-hosts.ts';
import { readRelease } from './flake-release.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry` without a destination: tells which hosts the flake has and how to go on. Throws FlurryError; both exit 2. */
export async function hosts({ settings, line, world, signal }: VerbCall): Promise<ExitCode> {
  const request = readDeployRequest({ ...line, settings });
  if ('code' in request) throw new FlurryError(request);
  const { reference } = request;
  const { configurations } = await readRelease({ ...request, signal });
  await rememberHosts(reference, configurations, world.environment);
  world.stderr.write(hostsText({ verb: line.verb, reference, configurations }));
  return 2;
}

/** The text of `flurry` alone. */
export function hostsText({
  verb,
  reference,
  configurations,
}: {
  readonly verb: string;
  readonly reference: string;
  readonly configurations: readonly string[];
}): string {
  const [first = 'HOST', second] = configurations.filter(isPlainDestination);
  const deploy = (...names: readonly string[]): string =>
    shellLine(['flurry', ...(reference === '.' ? [] : ['--flake', reference]), ...names]);
  const ways: readonly (readonly [string, string])[] = [
    [shellLine(['flurry', 'check', first]), 'look at the host and judge it; changes nothing'],
    [deploy(first), 'deploy to it'],
    ...(second === undefined ? [] : [[deploy(first, second), 'deploy to several, in parallel'] as const]),
    [deploy(`root@192.0.2.7/${first}`), 'name user, address and configuration'],
    ['flurry --help', 'all the rest'],
  ];
  const width = Math.max(...ways.map(([command]) => command.length));
  const count = configurations.length === 1 ? '1 host' : `${configurations.length} hosts`;
  return [
    `flurry: ${verb} needs a destination; the flake ${printable(reference)} has ${count}:`,
    '',
    ...configurations.map((name) => `  ${printable(name)}`),
    '',
    'How to go on (each name is also the address that ssh is given):',
    '',
    ...ways.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`),
    '',
  ].join('\n');
}

/** A name that can stand alone on the command line: no odd letters, and no verb. */
function isPlainDestination(name: string): boolean {
  return !('code' in parseDestination(name)) && !verbs.some((verb) => verb === name);
}
