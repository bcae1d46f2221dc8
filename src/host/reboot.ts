import type { Session } from '../core/ports.ts';
import { ask, type Question } from './ask.ts';
import { readFields } from './fields.ts';
import { scripts } from './scripts.ts';
import type { Addressee } from './transaction.ts';

/** What a host was last seen to be: it is only rebooted as that. Toplevels; absent where not known. */
export interface RebootFrom extends Addressee {
  readonly running?: string;
  readonly bootDefault?: string;
}

export interface RebootAnswer extends Addressee {
  /** Who deploys to it, or switches it: it does not reboot now. */
  readonly busy?: string;
  /** It is not what it was any more, and does not reboot; what it was to boot once was taken back. Toplevels. */
  readonly changed?: { readonly expected: string; readonly found: string };
}

/**
 * Has the host reboot, if it still is in that boot and as it was, and tells which boot of which machine has answered. May
 * be asked again: it reboots once. `once`: what it is to boot this once. Throws as `ask`; where contact is lost
 * meanwhile, it may reboot all the same.
 */
export async function askToReboot(
  session: Session,
  from: RebootFrom,
  once: string | undefined,
  asking: Pick<Question, 'shell' | 'timeoutMs'>,
): Promise<RebootAnswer> {
  const name = 'the reboot';
  const { bootId, machineId, running = '', bootDefault = '' } = from;
  const question = { ...asking, name, script: scripts.reboot };
  const words = [bootId, machineId, running, bootDefault, once ?? ''];
  const answer = await ask(session, { ...question, arguments: words }, new AbortController().signal);
  const fields = readFields(name, answer);
  const busy = fields.optional('busy');
  const [expected, found = 'nothing'] = fields.optional('changed')?.split(' ') ?? [];
  return {
    bootId: fields.text('boot-id'),
    machineId: fields.text('machine-id'),
    ...(busy === undefined ? {} : { busy }),
    ...(expected === undefined ? {} : { changed: { expected, found } }),
  };
}
