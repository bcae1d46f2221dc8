import type { Host } from '../core/host.ts';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError, type Problem, problemOf } from '../core/problem.ts';
import { type Fields, readFields } from './fields.ts';

/** What a look at a host brought: as root where that can be reached, else as whoever logs in. */
export interface Look {
  readonly answer: string;
  /** Of root, if it can be reached at all: a login that is root already needs no program to become it. */
  readonly shell: Shell;
  /** Who logs in. */
  readonly user: string;
  /** Why root cannot be reached; absent where it can. */
  readonly noPrivilege?: Problem<'no-privilege'>;
}

/**
 * Looks as whoever logs in, and where that is not root, once more through a shell of root as every further step would
 * open it: whether that works, nothing else tells. `look` runs a script which says `say_login`; `name` is what errors call
 * its answer. Throws what `look` throws as the login user, bad-answer, and wrong-machine where the host is pinned to another
 * one: nothing is said to that, least of all a password.
 */
export async function lookAsRoot(
  session: Session,
  name: string,
  look: (shell: Shell) => Promise<string>,
): Promise<Look> {
  const answer = await look('user');
  const fields = readFields(name, answer);
  refuseOtherMachine(session.host, fields);
  const user = fields.text('user');
  if (isRoot(name, answer)) return { answer, shell: 'user', user };

  const { elevation } = session;
  const without = (lack: Problem<'no-privilege'>['lack'], said = ''): Look => {
    return { answer, shell: 'user', user, noPrivilege: { code: 'no-privilege', user, elevation, lack, said } };
  };
  if (elevation === 'none') return without('way');
  if (fields.optional('elevated-by') === undefined) return without('program');
  try {
    const seen = await look('root');
    return isRoot(name, seen) ? { answer: seen, shell: 'root', user } : without('permission');
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code === 'no-privilege') return without(problem.lack, problem.said);
    // Another shell has just answered here: this one was not let in.
    if (problem.code === 'bad-answer') return without('permission', problem.found);
    throw error;
  }
}

function refuseOtherMachine({ machineId: expected }: Host, fields: Fields): void {
  const found = fields.optional('machine-id') ?? '';
  if (expected !== undefined && found !== expected) throw new FlurryError({ code: 'wrong-machine', expected, found });
}

function isRoot(name: string, answer: string): boolean {
  return readFields(name, answer).word('seen-as', ['root', 'user']) === 'root';
}
