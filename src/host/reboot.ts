import type { Session } from '../core/ports.ts';
import { ask, type Question } from './ask.ts';
import { readFields } from './fields.ts';
import { scripts } from './scripts.ts';
import type { Addressee } from './transaction.ts';

/**
 * Has the host reboot, if it still is in that boot, and tells which boot of which machine has answered. May be asked
 * again: it reboots once. `busy`: it does not reboot now, since somebody else deploys to it, or switches it. Throws as `ask`; where contact is lost meanwhile, it may reboot all the same.
 */
export async function askToReboot(
  session: Session,
  from: Addressee,
  asking: Pick<Question, 'shell' | 'timeoutMs'>,
): Promise<Addressee & { readonly busy?: string }> {
  const name = 'the reboot';
  const question = { ...asking, name, script: scripts.reboot, arguments: [from.bootId, from.machineId] };
  const fields = readFields(name, await ask(session, question, new AbortController().signal));
  const busy = fields.optional('busy');
  return {
    bootId: fields.text('boot-id'),
    machineId: fields.text('machine-id'),
    ...(busy === undefined ? {} : { busy }),
  };
}
