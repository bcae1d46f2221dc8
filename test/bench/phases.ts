import type { Event } from '../../src/core/event.ts';
import { readEvent } from '../core/read-event.ts';

/** A phase of one host, by the clock of this machine in milliseconds. */
export interface PhaseSpan {
  readonly phase: string;
  readonly from: number;
  readonly to: number;
}

/** What came by on a line. */
export interface Chunk {
  readonly at: number;
  /** Up: to the host. */
  readonly way: 'up' | 'down';
  readonly bytes: number;
}

/** The phases of each host in a run of flurry with `-o json`. */
export function phasesOf(stdout: string): ReadonlyMap<string, readonly PhaseSpan[]> {
  const hosts = new Map<string, PhaseSpan[]>();
  for (const event of eventsOf(stdout)) {
    if (event.event !== 'phase-ended') continue;
    const to = Date.parse(event.at);
    const spans = hosts.get(event.host) ?? [];
    spans.push({ phase: event.phase, from: to - event.milliseconds, to });
    hosts.set(event.host, spans);
  }
  return hosts;
}

export function bytesOfPhases(
  phases: readonly PhaseSpan[],
  chunks: readonly Chunk[],
): readonly { readonly phase: string; readonly up: number; readonly down: number }[] {
  return phases.map(({ phase, from, to }) => {
    const passed = (way: Chunk['way']): number =>
      chunks
        .filter((chunk) => chunk.way === way && chunk.at >= from && chunk.at < to)
        .reduce((sum, chunk) => sum + chunk.bytes, 0);
    return { phase, up: passed('up'), down: passed('down') };
  });
}

function eventsOf(stdout: string): readonly Event[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(readEvent);
}
