import type { HostHandle } from '../fleet/host-handle.ts';
import type { FlurryEnd, RunningFlurry } from './run-flurry.ts';

export async function deploymentOf(run: RunningFlurry): Promise<string> {
  const started = await run.until('it has begun', (event) => event.event === 'run-started');
  return started.event === 'run-started' ? (started.deployment ?? '') : '';
}

export async function untilPhase(run: RunningFlurry, phase: string): Promise<void> {
  await run.until(`it is in ${phase}`, (event) => event.event === 'phase-started' && event.phase === phase);
}

/** All that the units of a deployment printed, but our marks. */
export async function journalOf(host: HostHandle, id: string): Promise<readonly string[]> {
  const { stdout } = await host.inside('journalctl --sync; journalctl --quiet --no-pager -o cat -t "flurry-$1"', [id]);
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('flurry: log complete'));
}

export function linesIn(end: FlurryEnd): readonly string[] {
  const ofUnits = end.events.flatMap((event) => (event.event === 'log' && event.phase !== 'copy' ? [event.line] : []));
  return ofUnits.filter((line) => line !== '');
}

export function phasesIn(end: FlurryEnd): readonly string[] {
  return end.events.flatMap((event) => (event.event === 'phase-ended' ? [`${event.phase} ${event.outcome}`] : []));
}
