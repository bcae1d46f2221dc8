import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { announce } from './announce.ts';
import { replaceFile, textIfPresent } from './file.ts';
import { interruption } from './interruption.ts';
import { type FleetWish, ownFleet } from './own-fleet.ts';
import { runPaths } from './paths.ts';

/** Boots a fleet, tells its state file, and keeps it until a signal or for the given time. */
export async function keep(wish: FleetWish, ttlMs: number, tell: (statePath: string) => void): Promise<number> {
  const { aborted, received } = interruption();
  const fleet = await ownFleet(wish, aborted);
  await keepUntil(fleet.state.id, Date.now() + ttlMs);
  tell(runPaths(fleet.state.id).state);
  const timer = new AbortController();
  const why = await Promise.race([received.then((error) => error.message), timeIsUp(fleet.state.id, timer.signal)]);
  timer.abort();
  announce(`taking the fleet ${fleet.state.id} down: ${why}`);
  await fleet.takeDown();
  return 0;
}

/** Sets the time (as of Date.now) at which the fleet's keeper takes it down; any process may move it. */
export async function keepUntil(runId: string, time: number): Promise<void> {
  await replaceFile(deadlineFile(runId), `${time}\n`);
}

async function timeIsUp(runId: string, aborted: AbortSignal): Promise<string> {
  while (!aborted.aborted) {
    const leftMs = Number(await textIfPresent(deadlineFile(runId))) - Date.now();
    if (leftMs <= 0) break;
    // At most a day at a time: a timer of more than 2^31 ms fires at once.
    await pause(Math.min(leftMs, 86_400_000), undefined, { signal: aborted }).catch(() => undefined);
  }
  return 'its time is up';
}

function deadlineFile(runId: string): string {
  return join(runPaths(runId).directory, 'keep-until');
}
