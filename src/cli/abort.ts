import type { ExitCode } from '../core/verdict.ts';
import { decideOnHosts } from './decide.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry abort DEST...` stops what is under way and not confirmed yet; the host puts itself back. As `decideOnHosts`. */
export async function abort(call: VerbCall): Promise<ExitCode> {
  return await decideOnHosts('abort', call);
}
