import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { HostHandle } from '../fleet/host-handle.ts';

/** What a host is, and what is left on it; read from the host itself, never by flurry. */
export interface HostAfter {
  readonly running: string;
  readonly profile: string;
  readonly bootDefault: string;
  /** What goes before that at the next boot alone; `-` where nothing does. */
  readonly bootsOnce: string;
  /** Whether the unit runs that only the new system has. */
  readonly own: boolean;
  /** Units that any system has and that do not run. */
  readonly missing: readonly string[];
  readonly failed: readonly string[];
  /** Units, files, roots and locks of a transaction. */
  readonly left: readonly string[];
  /** Links for roots of ours that lead nowhere. */
  readonly dangling: readonly string[];
  readonly history: readonly HistoryLine[];
}

export interface HistoryLine {
  readonly event: string;
  readonly id: string;
  readonly verdict?: string;
  readonly facts?: readonly string[];
}

export async function hostAfter(host: HostHandle): Promise<HostAfter> {
  const script = await readFile(new URL('host-after.sh', import.meta.url), 'utf8');
  const { stdout } = await host.inside(script, [], { timeoutMs: 20_000 });
  const lines = stdout.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return { key: line.slice(0, space), value: line.slice(space + 1) };
  });
  const all = (key: string): readonly string[] => lines.filter((line) => line.key === key).map(({ value }) => value);
  const one = (key: string): string => all(key)[0] ?? '';
  return {
    running: one('running'),
    profile: one('profile'),
    bootDefault: one('bootDefault'),
    bootsOnce: one('bootsOnce'),
    own: one('own') === 'active',
    missing: all('base').filter((unit) => !unit.endsWith(' active')),
    failed: all('failed'),
    left: lines.filter(({ key }) => key.startsWith('left-')).map(({ key, value }) => `${key.slice(5)} ${value}`),
    dangling: all('dangling'),
    history: all('history').map(readLine),
  };
}

/** Waits until nothing of a transaction is left, or the limit is over; gives how it is then. */
export async function untilOver(host: HostHandle, limitMs: number): Promise<HostAfter | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const after = await hostAfter(host).catch(() => undefined);
    if ((after !== undefined && after.left.length === 0) || performance.now() > deadline) return after;
    await pause(500);
  }
}

function readLine(text: string): HistoryLine {
  try {
    return JSON.parse(text);
  } catch {
    return { event: `not JSON: ${text}`, id: '' };
  }
}
