import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textIfPresent } from './file.ts';
import type { HostState } from './fleet-state.ts';
import { inside } from './inside.ts';
import { scriptPath } from './paths.ts';

/** What a host runs, boots and has failed; systems are toplevels (store paths). */
export interface HostFacts {
  readonly running: string;
  readonly booted: string;
  readonly profile: string;
  /** The toplevel that the boot loader would start now. */
  readonly bootDefault: string;
  readonly bootId: string;
  readonly failedUnits: readonly string[];
  /** `system-1-link /nix/store/…` and so on, in the profile's folder. */
  readonly generations: readonly string[];
  /** Logins that sshd accepted since the host was leased. */
  readonly sshAccepted: number;
  /** Units named flurry-*, loaded in whatever state. */
  readonly flurryUnits: readonly string[];
}

export async function hostFacts(host: HostState): Promise<HostFacts> {
  const cursor = (await textIfPresent(cursorFile(host))) ?? '';
  const { stdout } = await inside(host, await readFile(scriptPath('facts.sh'), 'utf8'), [cursor]);
  const lines = stdout.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return { key: line.slice(0, space), value: line.slice(space + 1).trim() };
  });
  const all = (key: string) => lines.filter((line) => line.key === key).map((line) => line.value);
  const one = (key: string) => all(key)[0] ?? '';
  return {
    running: one('running'),
    booted: one('booted'),
    profile: one('profile'),
    bootDefault: one('bootDefault'),
    bootId: one('bootId'),
    failedUnits: all('failedUnit'),
    generations: all('generation'),
    sshAccepted: Number(one('sshAccepted')),
    flurryUnits: all('flurryUnit'),
  };
}

/** Where the journal stood when the host was leased. */
export function cursorFile(host: HostState): string {
  return join(host.directory, 'lease-cursor');
}
