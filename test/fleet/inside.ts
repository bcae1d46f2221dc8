import type { HostState } from './fleet-state.ts';
import { leaderPid } from './leader.ts';
import { type ProgramResult, program } from './program.ts';

export interface InsideOptions {
  readonly allowFailure?: boolean;
  readonly timeoutMs?: number;
  readonly input?: string;
}

// What a root shell on NixOS finds, then Debian's.
const path = '/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a sh script inside the host without SSH (its arguments are $1 and on); rejects if it fails or the host is off. */
export async function inside(
  host: HostState,
  script: string,
  args: readonly string[] = [],
  options: InsideOptions = {},
): Promise<ProgramResult> {
  const leader = await leaderPid(host);
  if (leader === undefined) throw new Error(`${host.name} is off: nothing can run inside`);
  return enter(leader, script, args, options);
}

/** The same where the host may be off or going down: undefined then, and no failure. */
export async function insideIfUp(
  host: HostState,
  script: string,
  args: readonly string[] = [],
  options: InsideOptions = {},
): Promise<ProgramResult | undefined> {
  const leader = await leaderPid(host);
  if (leader === undefined) return undefined;
  try {
    return await enter(leader, script, args, { ...options, allowFailure: true });
  } catch (error) {
    // Off or in another boot by now: not a failure of the script.
    if ((await leaderPid(host)) !== leader) return undefined;
    throw error;
  }
}

async function enter(
  leader: number,
  script: string,
  args: readonly string[],
  options: InsideOptions,
): Promise<ProgramResult> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  // Killing nsenter would leave its child running in there, so timeout keeps the limit. nsenter itself must not fork:
  // it stops itself when its child is stopped, which systemd does to all processes when it shuts down, and waits forever.
  const limit = ['timeout', '--signal=KILL', `${timeoutMs / 1000}s`];
  const clean = ['env', '-i', `PATH=${path}`, 'HOME=/root', 'LC_ALL=C.UTF-8', 'TERM=dumb'];
  return program(
    'nsenter',
    ['-t', `${leader}`, '-a', '--no-fork', ...clean, ...limit, 'sh', '-c', script, 'sh', ...args],
    {
      allowFailure: options.allowFailure ?? false,
      timeoutMs: timeoutMs + 5_000,
      input: options.input ?? '',
    },
  );
}
