import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { announce } from './announce.ts';
import { textIfPresent } from './file.ts';
import { tryFileLock } from './file-lock.ts';
import { fleetState, fleetStateIfPresent } from './fleet-state.ts';
import { insideIfUp } from './inside.ts';
import { keepUntil } from './keep.ts';
import type { FleetWish } from './own-fleet.ts';
import { repositoryRoot, runPaths, stateRoot } from './paths.ts';
import { poll } from './poll.ts';
import { recordedRuns } from './recorded-runs.ts';
import { expectedTopLayer } from './rootfs.ts';
import { takeDown } from './take-down.ts';
import { fleetCommand } from './undertaker.ts';

const bootLimitMs = 900_000;

/**
 * The state file of a healthy running fleet with the wish's key, at least its hosts, and today's base system; undefined
 * if there is none. It is kept from now on for the whole time again.
 */
export async function reusable(wish: FleetWish, ttlMs: number): Promise<string | undefined> {
  if (wish.key === '') return undefined;
  const topLayer = await expectedTopLayer();
  for (const run of await recordedRuns()) {
    if (run.layers[0] !== topLayer) continue;
    if (run.key !== wish.key || !wish.names.every((name) => run.hosts.some((host) => host.name === name))) continue;
    const { state, ownerLock } = runPaths(run.id);
    if ((await fleetStateIfPresent(state)) === undefined) continue;
    const lock = await tryFileLock(ownerLock);
    if (lock !== undefined) {
      await lock.release();
      continue;
    }
    const answers = await Promise.all(run.hosts.map((host) => insideIfUp(host, 'systemctl is-system-running')));
    if (!answers.every((answer) => answer !== undefined && /^(running|degraded)$/m.test(answer.stdout))) continue;
    await keepUntil(run.id, Date.now() + ttlMs);
    return state;
  }
  return undefined;
}

/** Starts a process that boots and keeps a fleet without us; returns the state file when all hosts are up. */
export async function startKeeper(wish: FleetWish, ttl: string): Promise<string> {
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(stateRoot, 'keeper-'));
  const log = join(directory, 'log');
  const output = openSync(log, 'a', 0o600);
  const [node = '', ...args] = fleetCommand('keep', '--names', wish.names.join(','), '--key', wish.key, '--ttl', ttl);
  const keeper = spawn(node, args, { cwd: repositoryRoot, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let ended: string | undefined;
  keeper.once('exit', (code, signal) => {
    ended = `the fleet's keeper ended (${code ?? signal})`;
  });
  try {
    return await poll(
      async () => {
        if (ended !== undefined) throw new Error(`${ended}:\n${await textIfPresent(log)}`);
        const run = (await recordedRuns()).find((one) => one.ownerPid === keeper.pid);
        const state = run === undefined ? undefined : runPaths(run.id).state;
        return state !== undefined && (await textIfPresent(state)) !== undefined ? state : undefined;
      },
      { what: 'the fleet is up', limitMs: bootLimitMs, everyMs: 50 },
    );
  } finally {
    keeper.unref();
    process.stderr.write((await textIfPresent(log)) ?? '');
    await rm(directory, { recursive: true, force: true });
  }
}

/** Ends the fleet of a state file: asks its owner to, and does it itself where the owner is gone. */
export async function down(statePath: string): Promise<void> {
  if ((await fleetStateIfPresent(statePath)) === undefined) {
    announce(`no fleet at ${statePath}: nothing to take down`);
    return;
  }
  const state = await fleetState(statePath);
  const { ownerLock, record } = runPaths(state.id);
  const free = await tryFileLock(ownerLock);
  // The lock is held by the owner alone, so its process id is still the owner's.
  if (free === undefined) process.kill(state.ownerPid, 'SIGTERM');
  const isOver = async () => {
    if ((await textIfPresent(record)) === undefined) return 'removed';
    return tryFileLock(ownerLock);
  };
  const lock = free ?? (await poll(isOver, { what: `the fleet ${state.id} is down`, limitMs: 120_000, everyMs: 100 }));
  if (lock === 'removed') return;
  if ((await fleetStateIfPresent(record)) !== undefined) await takeDown(state);
  await lock.release();
}
