import { accessSync, chmodSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leaseHosts } from '../fleet/fleet.ts';
import { type Contender, flurryContender } from './contenders.ts';
import { bytes, table } from './figures.ts';
import { ground } from './ground.ts';
import { countedLine } from './line.ts';
import { bytesOfPhases, phasesOf } from './phases.ts';
import type { Situation } from './rounds.ts';
import { timed } from './timed.ts';

/** What one run did, for one host; nothing of it is a time. */
export interface Parts {
  readonly situation: string;
  readonly contender: string;
  readonly connections: number;
  readonly up: number;
  readonly down: number;
  /** How often each program was started here. */
  readonly programs: Readonly<Record<string, number>>;
  /** Of flurry. */
  readonly phases: ReturnType<typeof bytesOfPhases>;
}

/** Counts connections, bytes and programs: through a proxy without delay, with stand-ins in PATH that keep count. */
export async function countParts(situation: Situation, contenders: readonly Contender[]): Promise<readonly Parts[]> {
  await using lease = await leaseHosts(1);
  const names = lease.hosts.map(({ name }) => name);
  await using place = await ground(names, situation.options);
  const programs = join(place.directory, 'programs');
  const count = join(place.directory, 'count');
  await writeStandIns(programs, count);
  const said = join(place.directory, 'said');
  if (situation.before !== 'fresh') {
    const { failure } = await timed(flurryContender.command(await place.job(lease, 'target')), said);
    if (failure !== undefined) throw new Error(`the host could not be prepared: ${failure}`);
  }
  const parts: Parts[] = [];
  for (const contender of contenders) {
    if (situation.before === 'unit') await place.changeUnits();
    await using line = await countedLine(lease, { roundTripMs: 0 });
    const job = { ...(await place.job(line, situation.buildOn)), programs };
    await writeFile(count, '');
    const run = await timed(contender.command(job), said);
    await contender.after?.(job);
    if (run.failure !== undefined) throw new Error(`${contender.name}: ${run.failure}`);
    const started = (await readFile(count, 'utf8')).split('\n').filter((name) => name !== '');
    // The others print no events.
    const events = contender === flurryContender ? run.stdout : '';
    const spans = phasesOf(events).get(names[0] ?? '') ?? [];
    parts.push({
      situation: situation.name,
      contender: contender.name,
      connections: line.connections(),
      up: line.total('up'),
      down: line.total('down'),
      programs: countEach(started),
      phases: bytesOfPhases(spans, line.chunks),
    });
  }
  return parts;
}

export function partsTables(parts: readonly Parts[]): string {
  const rows = parts.map(({ situation, contender, connections, up, down, programs }) => [
    `${situation}: ${contender}`,
    `${connections}`,
    bytes(up),
    bytes(down),
    Object.entries(programs)
      .map(([name, times]) => `${times} ${name}`)
      .join(', '),
  ]);
  const phases = parts.flatMap(({ situation, phases: each }) =>
    each.map(({ phase, up, down }) => [`${situation}: ${phase}`, bytes(up), bytes(down)]),
  );
  return `${table(['one host', 'connections', 'up', 'down', 'programs started here'], rows)}\n\n${table(['flurry, by phase', 'up', 'down'], phases)}`;
}

const counted = ['nix', 'nix-store', 'git', 'ssh', 'ssh-keygen', 'xargs', 'sh'];

/** Each leaves its name in the count, and becomes the real one. */
async function writeStandIns(directory: string, count: string): Promise<void> {
  await mkdir(directory);
  for (const name of counted) {
    const real = (process.env['PATH'] ?? '').split(':').find((folder) => isProgram(join(folder, name)));
    if (real === undefined) continue;
    const text = `#!/bin/sh\necho ${name} >>'${count}'\nexec '${join(real, name)}' "$@"\n`;
    await writeFile(join(directory, name), text);
    chmodSync(join(directory, name), 0o755);
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function countEach(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
