import type { HostHandle } from '../fleet/host-handle.ts';
import type { FlurryEnd } from './run-flurry.ts';

/** How each host of a run ended, in few words. */
export function verdictOf(run: FlurryEnd, host: HostHandle): string {
  const { verdict, code } = run.result(host.name);
  return [run.code, verdict, ...(code === null ? [] : [code])].join(' ');
}
