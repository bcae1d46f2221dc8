import type { Event } from '../core/event.ts';
import { listed } from '../core/explain/text.ts';
import type { RunStarted } from './board.ts';

export type WaveEvent = Extract<Event, { readonly event: 'wave-started' | 'wave-ended' | 'wave-pause' }>;

/** How far the waves of a run have come. */
export interface Waves {
  readonly of: number;
  /** The one that is under way, or was last; 0 before the first. */
  readonly wave: number;
  readonly hosts: readonly string[];
  /** Set once it has ended. */
  readonly failed: readonly string[] | null;
  /** Set until the next one begins. */
  readonly pause: Extract<Event, { readonly event: 'wave-pause' }> | null;
}

export function isOfWave(event: Event): event is WaveEvent {
  return event.event === 'wave-started' || event.event === 'wave-ended' || event.event === 'wave-pause';
}

/** Gives how far they are when a run begins. */
export function wavesOf({ waves = [] }: RunStarted): Waves {
  return { of: waves.length, wave: 0, hosts: [], failed: null, pause: null };
}

export function movedOn(waves: Waves, event: WaveEvent): Waves {
  switch (event.event) {
    case 'wave-started':
      return { ...waves, wave: event.wave, hosts: event.hosts, failed: null, pause: null };
    case 'wave-ended':
      return { ...waves, failed: event.failed };
    case 'wave-pause':
      return { ...waves, pause: event };
  }
}

/** Tells what a host that has not started waits for: its wave, or hosts that are not `isOver`; nothing where that is not so. */
export function waitsFor(
  host: string,
  { waves = [], dependencies = [] }: RunStarted,
  { wave, isOver }: { readonly wave: number; readonly isOver: (host: string) => boolean },
): string {
  const own = waves.findIndex((one) => one.includes(host)) + 1;
  if (waves.length > 1 && own > wave) return `wave ${own} of ${waves.length}`;
  const open = (dependencies.find((one) => one.host === host)?.on ?? []).filter((name) => !isOver(name));
  return open.length === 0 ? '' : `waits for ${listed(open, 2)}`;
}
