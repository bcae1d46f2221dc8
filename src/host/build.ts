import type { Session } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { ask } from './ask.ts';
import { readChange, type SystemChange } from './change.ts';
import type { Deployment } from './deployment.ts';
import { type Fields, readFields } from './fields.ts';
import { scripts } from './scripts.ts';

export interface Built {
  readonly toplevel: string;
  readonly change: SystemChange;
}

/**
 * Builds on the host, in a transient unit that goes on without us, and gives the built toplevel, and how the
 * host differs from it. The host's system is not touched. Asked again, since contact was lost, it waits for the build that goes on. `mark` closes the log.
 *
 * Throws build-failed, build-killed, build-timeout, unit-vanished and what `ask` throws.
 */
export async function buildOnHost(
  session: Session,
  deployment: Deployment,
  request: {
    readonly nixArguments: readonly string[];
    readonly mark: string;
    readonly memoryBytes: number;
    /** That is to run. */
    readonly specialisation: string | undefined;
  },
  signal: AbortSignal,
): Promise<Built> {
  const { id, shell, limits } = deployment;
  const limitMs = limits.buildTimeoutMs;
  const question = {
    name: 'the build',
    script: scripts.startBuild,
    arguments: [
      id,
      String(Math.ceil(limitMs / 1000)),
      request.mark,
      request.specialisation ?? '',
      ...request.nixArguments,
    ],
    shell,
    timeoutMs: Math.min(limitMs + limits.answerTimeoutMs, 2 ** 31 - 1),
    silenceMs: limits.answerTimeoutMs,
  };
  const answer = await ask(session, question, signal);
  const end = readFields(question.name, answer);
  throwIfFailed(end, { id, limitMs, memoryBytes: request.memoryBytes });
  return { toplevel: end.text('toplevel'), change: readChange(end) };
}

/**
 * Keeps a toplevel that was built elsewhere and lies in the host's store from being collected as garbage until the
 * deployment's folder is cleared, and gives how the host differs from it. Throws as `ask`.
 */
export async function receiveBuilt(
  session: Session,
  { id, shell, limits }: Deployment,
  { toplevel, specialisation = '' }: { readonly toplevel: string; readonly specialisation: string | undefined },
  signal: AbortSignal,
): Promise<Built> {
  const question = {
    name: 'the root of the new system',
    script: scripts.receive,
    arguments: [id, toplevel, specialisation],
    shell,
    timeoutMs: limits.answerTimeoutMs,
  };
  const fields = readFields(question.name, await ask(session, question, signal));
  return { toplevel, change: readChange(fields) };
}

/** Throws what kept a build from its toplevel. */
function throwIfFailed(
  end: Fields,
  { id, limitMs, memoryBytes }: { readonly id: string; readonly limitMs: number; readonly memoryBytes: number },
): void {
  if (end.optional('vanished-after') !== undefined) {
    throw end.count('vanished-after') * 1000 >= limitMs
      ? new FlurryError({ code: 'build-timeout', afterMs: limitMs })
      : new FlurryError({ code: 'unit-vanished', unit: `flurry-build-${id}.service` });
  }
  const exitCode = end.count('exit');
  if (exitCode === 0) return;
  // 128 + SIGKILL: Nix itself, and not a builder of its. Where nobody counts, the out-of-memory killer is the likely one.
  const victim = exitCode === 137 ? 'nix' : 'builder';
  const counted = (key: string): boolean => /^[1-9]/.test(end.optional(key) ?? '');
  const ours = counted('oom-kills');
  // One that was killed somewhere on the machine need not have been a builder.
  const anybodys = counted('machine-oom-kills');
  if (ours || anybodys || victim === 'nix') {
    const outOfMemory = ours || (anybodys && victim === 'nix') ? 'yes' : 'likely';
    throw new FlurryError({ code: 'build-killed', outOfMemory, memoryBytes, victim });
  }
  const evaluated = end.optional('evaluated') === 'no' ? ({ evaluated: 'no' } as const) : {};
  throw new FlurryError({ code: 'build-failed', exitCode, tail: '', ...evaluated });
}

/** How a build ended that somebody else began. */
export interface AwaitedBuild {
  /** Absent where whoever began it has cleared it away already. */
  readonly toplevel?: string;
  /** What came of it: it has begun; nothing within some seconds; or its beginner cleared it away. */
  readonly transaction: 'begun' | 'none' | 'cleared';
}

/**
 * Waits for the end of a build that goes on, whoever began it, and for what comes of it. `mark` closes its log.
 * Throws build-failed, build-killed, build-timeout, unit-vanished and what `ask` throws.
 */
export async function awaitBuild(session: Session, deployment: Deployment, mark: string): Promise<AwaitedBuild> {
  const { id, shell, limits } = deployment;
  const question = {
    name: 'the build',
    script: scripts.awaitBuild,
    arguments: [id, mark],
    shell,
    timeoutMs: 2 ** 31 - 1,
    silenceMs: limits.answerTimeoutMs,
  };
  const end = readFields(question.name, await ask(session, question, new AbortController().signal));
  const memoryBytes = end.count('memory-kib') * 1024;
  throwIfFailed(end, { id, limitMs: limits.buildTimeoutMs, memoryBytes });
  const toplevel = end.optional('toplevel');
  return {
    ...(toplevel === undefined ? {} : { toplevel }),
    transaction: end.word('transaction', ['begun', 'none', 'cleared'] as const),
  };
}

/** Gives those of the store paths that the host does not have. Throws as `ask`. */
export async function absentPaths(
  session: Session,
  { shell, limits }: Deployment,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const timeoutMs = limits.answerTimeoutMs;
  const question = {
    name: 'what of the inputs it has',
    script: scripts.absentPaths,
    arguments: paths,
    shell,
    timeoutMs,
  };
  const lines = (await ask(session, question, signal)).split('\n');
  return paths.filter((path) => lines.includes(path));
}

/** Forgets a build that has ended, so that `buildOnHost` does it once more. Throws as `ask`. */
export async function forgetBuild(
  session: Session,
  { id, shell, limits }: Deployment,
  signal: AbortSignal,
): Promise<void> {
  const timeoutMs = limits.answerTimeoutMs;
  await ask(session, { name: 'another build', script: scripts.buildAgain, arguments: [id], shell, timeoutMs }, signal);
}

/** Cancels a build that goes on; nothing but the host's store was touched by it. Throws as `ask`. */
export async function cancelBuild(session: Session, { id, shell, limits }: Deployment): Promise<void> {
  const timeoutMs = limits.answerTimeoutMs;
  const question = { name: 'the end of the build', script: scripts.stopBuild, arguments: [id], shell, timeoutMs };
  await ask(session, question, new AbortController().signal);
}
