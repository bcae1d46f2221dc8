import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event, HostResult } from '../../src/core/event.ts';
import { readEvents } from '../core/read-event.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { repositoryRoot } from '../fleet/paths.ts';

/** How a run of flurry inside a host ended. */
export interface InsideEnd {
  readonly code: number;
  readonly stderr: string;
  readonly events: readonly Event[];
  /** The last line's account of the host `local`. */
  readonly result: HostResult | undefined;
  readonly tail: string;
}

/** The words of a shell that run it inside, once it was installed. */
export const flurryInside = '/usr/local/flurry/node /usr/local/flurry/bin/flurry.js';

/** Puts node and the built program of this tree into a host; the lease's end takes them away again. */
export async function installInside(host: HostHandle): Promise<void> {
  const into = (path: string) => `/usr/local/flurry/${path}`;
  await host.copyIn(await realpath(process.execPath), into('node'));
  for (const path of ['package.json', 'bin', 'dist', 'src/host/scripts'])
    await host.copyIn(join(repositoryRoot, path), into(path));
}

/** Runs flurry with `-o json` inside a host, in a folder there, with a short settle time. */
export async function runInside(host: HostHandle, folder: string, args: readonly string[]): Promise<InsideEnd> {
  const script = `cd "$1" && shift && FLURRY_SETTLE=500ms exec ${flurryInside} -o json "$@"`;
  const { code, stdout, stderr } = await host.inside(script, [folder, ...args], { allowFailure: true });
  const events = readEvents(stdout);
  const last = events.at(-1);
  const result = last?.event === 'result' ? last.hosts.find((one) => one.host === 'local') : undefined;
  return { code, stderr, events, result, tail: `${stdout.slice(-4000)}\n${stderr.slice(-4000)}` };
}
