import assert from 'node:assert/strict';
import type { HostHandle } from '../fleet/host-handle.ts';

/** The host runs, boots and has as its profile this one toplevel; read from the host, never from flurry. */
export async function assertRunsAndBoots(host: HostHandle, toplevel: string): Promise<void> {
  const { running, profile, bootDefault, failedUnits } = await host.facts();
  const all = { running: toplevel, profile: toplevel, bootDefault: toplevel, failedUnits: [] };
  assert.deepEqual({ running, profile, bootDefault, failedUnits }, all, host.name);
}

/**
 * The host runs and boots what it was leased with, its profile never had another generation, and nothing of flurry is
 * left on it.
 */
export async function assertUntouched(host: HostHandle, baseToplevel: string): Promise<void> {
  const { running, profile, bootDefault, generations } = await host.facts();
  assert.deepEqual(
    { running, profile, bootDefault, generations },
    {
      running: baseToplevel,
      profile: baseToplevel,
      bootDefault: baseToplevel,
      generations: [`system-1-link ${baseToplevel}`],
    },
    host.name,
  );
  await assertNothingLeft(host);
}

/** No unit and no folder of flurry is on the host, at the latest when the host has tidied up by itself (10 s). */
export async function assertNothingLeft(host: HostHandle): Promise<void> {
  const left = 'ls -A /run/flurry 2>/dev/null; systemctl list-units --all --plain --no-legend --no-pager "flurry-*"';
  await host.waitUntil('nothing of flurry is left', `test -z "$(${left})"`, 30_000);
}

/** What the host's history says of the end of a deployment. */
export interface RecordedEnd {
  readonly verdict: string;
  /** Lines "KEY VALUE" that say why. */
  readonly facts: readonly string[];
  readonly seconds: number;
}

/** Waits until the host has recorded the end of its `count`-th deployment, with or without a coordinator; gives it. */
export async function untilEnded(host: HostHandle, count = 1): Promise<RecordedEnd> {
  const history = '/var/lib/flurry/history.jsonl';
  const ends = `grep '^{"event":"ended"' ${history}`;
  await host.waitUntil(`deployment ${count} has its verdict`, `test "$(${ends} | wc -l)" -ge ${count}`, 180_000);
  const { stdout } = await host.inside(`${ends} | sed -n ${count}p`);
  return JSON.parse(stdout);
}
