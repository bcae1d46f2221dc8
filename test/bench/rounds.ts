import { join } from 'node:path';
import { leaseHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { type Contender, flurryContender, type Job } from './contenders.ts';
import { median } from './figures.ts';
import { floorContender } from './floor.ts';
import { type Ground, type GroundOptions, ground } from './ground.ts';
import { phasesOf } from './phases.ts';
import { type Timed, timed } from './timed.ts';

/** What is measured. */
export interface Situation {
  readonly name: string;
  readonly says: string;
  readonly buildOn: Job['buildOn'];
  /** `none`: the hosts have it already. `unit`: one unit of each changes. `fresh`: the hosts are as at first. */
  readonly before: 'none' | 'unit' | 'fresh';
  readonly options?: GroundOptions;
  /** Only flurry, and only these numbers of hosts. */
  readonly flurryOnly?: readonly number[];
}

export const situations: readonly Situation[] = [
  { name: 'nothing', says: 'nothing to do', buildOn: 'target', before: 'none' },
  { name: 'unit', says: 'one unit changed', buildOn: 'target', before: 'unit' },
  {
    name: 'closure',
    says: 'a closure with 200 MB more, built here',
    buildOn: 'local',
    before: 'fresh',
    options: { bigBytes: 200_000_000 },
  },
  {
    name: 'sleep',
    says: 'one unit changed, and the build sleeps 10 s',
    buildOn: 'target',
    before: 'unit',
    options: { module: 'shaped.buildSeconds = 10;' },
    flurryOnly: [1, 10],
  },
];

/** One contender's runs in one situation with so many hosts. */
export interface Measured {
  readonly situation: string;
  readonly hosts: number;
  readonly contender: string;
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
  /** Of flurry, over all hosts and runs: the median milliseconds of each phase. */
  readonly phases?: Readonly<Record<string, number>>;
  /** Runs that did not end as wished; their times do not count. */
  readonly failures: readonly string[];
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  /** Instead of the lease's, to reach the hosts by a detour. */
  readonly sshConfig?: (lease: Lease) => Promise<string>;
  readonly onRun?: (what: string) => void;
}

/** A B C A B C …: whatever the machine does meanwhile hits them all. */
export async function measure(
  situation: Situation,
  hosts: number,
  { rounds, contenders, sshConfig, onRun }: RoundsOptions,
): Promise<readonly Measured[]> {
  const all = situation.name === 'unit' && sshConfig === undefined ? [...contenders, floorContender] : contenders;
  const runs = new Map(all.map((one) => [one.name, [] as Timed[]]));
  let lease = await leaseHosts(hosts);
  const names = lease.hosts.map(({ name }) => name);
  await using place = await ground(names, situation.options);
  try {
    const jobOf = async (): Promise<Job> => {
      const config = await sshConfig?.(lease);
      return place.job(config === undefined ? lease : { sshConfig: config }, situation.buildOn);
    };
    if (situation.before !== 'fresh') await warmUp(place, lease);
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of all) {
        if (situation.before === 'fresh') {
          await lease.release();
          lease = await leaseHosts(hosts);
        }
        if (situation.before === 'unit') await place.changeUnits();
        const job = await jobOf();
        const run = await timedRun(contender, job, lease, join(place.directory, 'said'));
        const wrong = run.failure ?? (await place.whatIsWrong(lease));
        await contender.after?.(job);
        runs.get(contender.name)?.push(wrong === undefined ? run : { ...run, failure: wrong });
        onRun?.(`${situation.name}, ${hosts}: ${contender.name} ${run.seconds.toFixed(2)} s ${wrong ?? ''}`);
      }
    }
  } finally {
    await lease.release();
  }
  return all.map(({ name }) => measured(situation, hosts, name, runs.get(name) ?? []));
}

async function timedRun(contender: Contender, job: Job, lease: Lease, log: string): Promise<Timed> {
  if (contender === floorContender) return floorContender.inside(job, lease);
  return timed(contender.command(job), log);
}

/** The hosts get it once, untimed. */
async function warmUp(place: Ground, lease: Lease): Promise<void> {
  const job = await place.job(lease, 'target');
  const { failure } = await timed(flurryContender.command(job), join(place.directory, 'said'));
  if (failure !== undefined) throw new Error(`the hosts could not be prepared: ${failure}`);
}

function measured({ name: situation }: Situation, hosts: number, contender: string, runs: readonly Timed[]): Measured {
  const good = runs.filter(({ failure }) => failure === undefined);
  const failures = runs.flatMap(({ failure }) => failure ?? []);
  const seconds = good.map((run) => run.seconds);
  const cpuSeconds = good.map((run) => run.cpuSeconds);
  const phases = contender === flurryContender.name ? { phases: medianPhases(good) } : {};
  return { situation, hosts, contender, seconds, cpuSeconds, ...phases, failures };
}

function medianPhases(runs: readonly Timed[]): Readonly<Record<string, number>> {
  const found = new Map<string, number[]>();
  for (const run of runs)
    for (const spans of phasesOf(run.stdout).values())
      for (const { phase, from, to } of spans) found.set(phase, [...(found.get(phase) ?? []), to - from]);
  return Object.fromEntries([...found].map(([phase, milliseconds]) => [phase, median(milliseconds)]));
}
