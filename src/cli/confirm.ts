import type { ExitCode } from '../core/verdict.ts';
import { decideOnHosts } from './decide.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry confirm DEST...` says yes to a tested system that waits to be confirmed. As `decideOnHosts`. */
export async function confirm(call: VerbCall): Promise<ExitCode> {
  return await decideOnHosts('confirm', call);
}
