import { join } from 'node:path';
import { leaseHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { type Contender, environmentOf, flurryContender } from './contenders.ts';
import { bytes, figure, median, table } from './figures.ts';
import { ground } from './ground.ts';
import { countedLine, type LineOptions } from './line.ts';
import { phasesOf } from './phases.ts';
import { type Measured, measure, type Situation } from './rounds.ts';
import { timed } from './timed.ts';

export interface DistanceOptions {
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  readonly only: readonly Situation[];
  readonly onRun: (what: string) => void;
}

/** What the distance to a host costs. */
export interface Distance {
  readonly text: string;
  readonly record: unknown;
}

const nearMs = 50;
const farMs = 150;

const ways: readonly Way[] = [
  { name: 'loopback', size: 200_000_000 },
  { name: '100 Mbit/s, 20 ms', size: 100_000_000, line: { roundTripMs: 20, bitsPerSecond: 100e6 } },
  { name: '4 Mbit/s, 50 ms', size: 3_000_000, line: { roundTripMs: 50, bitsPerSecond: 4e6 } },
];

/** One host behind a line: what a round trip costs, and how much of a thin line a copy fills. */
export async function measureDistance(options: DistanceOptions): Promise<Distance> {
  const trips = [];
  for (const situation of options.only.filter(({ before }) => before !== 'fresh')) {
    const near = await behindLine(situation, { roundTripMs: nearMs }, options);
    const far = await behindLine(situation, { roundTripMs: farMs }, options);
    trips.push(...near.map((one, index) => ({ near: one, far: far[index] ?? one })));
  }
  const copies: Copied[] = [];
  if (options.only.some(({ before }) => before === 'fresh'))
    for (const way of ways) copies.push(...(await copiesOver(way, options)));
  const text = [
    ...(trips.length > 0 ? [tripsTable(trips), phaseTrips(trips)] : []),
    ...(copies.length > 0 ? [copiesTable(copies)] : []),
  ];
  return { text: `${text.join('\n\n')}\n`, record: { trips, copies } };
}

async function behindLine(
  situation: Situation,
  line: LineOptions,
  { rounds, contenders, onRun }: DistanceOptions,
): Promise<readonly Measured[]> {
  const open: AsyncDisposable[] = [];
  const sshConfig = async (lease: Lease): Promise<string> => {
    const one = await countedLine(lease, line);
    open.push(one);
    return one.sshConfig;
  };
  try {
    const say = (what: string): void => onRun(`${line.roundTripMs} ms: ${what}`);
    return await measure(situation, 1, { rounds, contenders, sshConfig, onRun: say });
  } finally {
    for (const one of open) await one[Symbol.asyncDispose]();
  }
}

interface Trips {
  readonly near: Measured;
  readonly far: Measured;
}

/** How many round trips stand between two times. */
function tripsBetween(nearSeconds: number, farSeconds: number): number {
  return ((farSeconds - nearSeconds) * 1000) / (farMs - nearMs);
}

function tripsTable(trips: readonly Trips[]): string {
  const rows = trips.map(({ near, far }) => {
    const [short, long] = [median(near.seconds), median(far.seconds)];
    const failed = [...near.failures, ...far.failures].length;
    const who = `${near.situation}: ${near.contender}${failed === 0 ? '' : ` (${failed} failed)`}`;
    return [who, figure(short), figure(long), figure(tripsBetween(short, long), 1)];
  });
  return table(['one host at a distance', `s at ${nearMs} ms`, `s at ${farMs} ms`, 'round trips'], rows);
}

function phaseTrips(trips: readonly Trips[]): string {
  const rows = trips.flatMap(({ near, far }) =>
    Object.entries(near.phases ?? {}).map(([phase, milliseconds]) => {
      const long = far.phases?.[phase] ?? Number.NaN;
      const count = tripsBetween(milliseconds / 1000, long / 1000);
      return [`${near.situation}: ${phase}`, figure(milliseconds, 0), figure(long, 0), figure(count, 1)];
    }),
  );
  return table(['flurry, by phase', `ms at ${nearMs} ms`, `ms at ${farMs} ms`, 'round trips'], rows);
}

interface Way {
  readonly name: string;
  readonly size: number;
  readonly line?: LineOptions;
}

interface Copied extends Way {
  readonly contender: string;
  readonly seconds: readonly number[];
  /** Of flurry: the phase alone. */
  readonly phaseSeconds: readonly number[];
  readonly sent: number;
}

/** The same closure to a host that lacks it, by flurry (its phases connect and copy) and by `nix copy`, from its start to its exit. */
async function copiesOver(way: Way, { rounds, onRun }: DistanceOptions): Promise<readonly Copied[]> {
  const names = ['web1'];
  await using place = await ground(names, { bigBytes: way.size });
  const toplevel = await place.flake.toplevel('web1');
  const found = { flurry: [] as number[], 'nix copy': [] as number[] };
  const phase: number[] = [];
  const sent = { flurry: 0, 'nix copy': 0 };
  for (let round = 0; round < rounds; round += 1) {
    for (const who of ['flurry', 'nix copy'] as const) {
      await using lease = await leaseHosts(1);
      await using line = way.line === undefined ? undefined : await countedLine(lease, way.line);
      const job = await place.job(line ?? lease, 'local');
      const copy = ['copy', '--no-check-sigs', '--to', 'ssh-ng://web1', toplevel];
      const command =
        who === 'flurry'
          ? flurryContender.command(job)
          : { program: 'nix', args: copy, cwd: place.directory, environment: environmentOf(job) };
      const run = await timed(command, join(place.directory, 'said'));
      const [host] = lease.hosts;
      await host?.inside('nix-store --check-validity "$1"', [toplevel]);
      if (run.failure !== undefined) throw new Error(`${who}: ${run.failure}`);
      sent[who] = line?.total('up') ?? 0;
      const spans = phasesOf(run.stdout).get('web1') ?? [];
      const took = (name: string): number =>
        spans.reduce((sum, { phase, from, to }) => (phase === name ? sum + (to - from) / 1000 : sum), 0);
      const seconds = who === 'flurry' ? took('connect') + took('copy') : run.seconds;
      found[who].push(seconds);
      if (who === 'flurry') phase.push(took('copy'));
      onRun(`${way.name}: ${who} ${seconds.toFixed(2)} s`);
    }
  }
  return [
    { ...way, contender: flurryContender.name, seconds: found.flurry, phaseSeconds: phase, sent: sent.flurry },
    {
      ...way,
      contender: 'nix copy --to ssh-ng://',
      seconds: found['nix copy'],
      phaseSeconds: [],
      sent: sent['nix copy'],
    },
  ];
}

function copiesTable(copies: readonly Copied[]): string {
  const rows = copies.map(({ name, contender, size, line, seconds, phaseSeconds, sent }) => {
    const [whole, alone] = [median(seconds), median(phaseSeconds)];
    const share = (time: number): number =>
      line?.bitsPerSecond === undefined ? Number.NaN : (size * 8) / time / line.bitsPerSecond;
    return [
      `${name}: ${contender}`,
      bytes(size),
      figure(whole),
      figure(alone),
      figure(share(whole)),
      figure(share(alone)),
      sent === 0 ? '-' : bytes(sent),
    ];
  });
  return table(
    ['copy of one big path', 'size', 's to connect and copy', 's to copy', 'of the wire', 'of it, to copy', 'sent'],
    rows,
  );
}
