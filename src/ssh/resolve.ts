import { ExecaError, execa } from 'execa';
import type { Host } from '../core/host.ts';
import { FlurryError } from '../core/problem.ts';
import { defaultSshSettings, parseSshSettings, type SshSettings } from './ssh-settings.ts';

interface ResolveOptions {
  readonly sshConfigFile: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** `ssh -G` may look up names (CanonicalizeHostname) and run programs (Match exec). */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks OpenSSH what its configuration says about a host; without an OpenSSH its plain defaults are taken.
 * The destination must have been checked (checkDestination). Throws `ssh-config` with what ssh said,
 * `ssh-unsupported`, or the signal's reason.
 */
export async function resolveSettings(host: Host, options: ResolveOptions): Promise<SshSettings> {
  options.signal.throwIfAborted();
  const overdue = AbortSignal.timeout(options.timeoutMs);
  // A group of its own: a program of a Match exec outlives its ssh, and keeps our end of the pipe open.
  const ssh = execa('ssh', resolveArguments(host, options.sshConfigFile), {
    stdin: 'ignore',
    detached: true,
    env: options.environment,
    extendEnv: false,
    maxBuffer: 1024 * 1024,
  });
  const end = (): void => killGroup(ssh.pid);
  const enough = AbortSignal.any([options.signal, overdue]);
  enough.addEventListener('abort', end, { once: true });
  try {
    const { stdout } = await ssh;
    return parseSshSettings(stdout, options.environment);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT') return settingsWithoutOpenSsh(host, options);
    const said = overdue.aborted ? `ssh -G gave no answer within ${options.timeoutMs} ms` : String(error.stderr ?? '');
    throw new FlurryError(
      { code: 'ssh-config', said: said.replaceAll('\r\n', '\n').trim() || error.shortMessage },
      { cause: error },
    );
  } finally {
    enough.removeEventListener('abort', end);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** -T: else ssh complains on stderr that it has no terminal. `--`: nothing after it is an option. */
export function resolveArguments(host: Host, sshConfigFile: string | undefined): readonly string[] {
  return [
    '-T',
    '-G',
    ...(sshConfigFile === undefined ? [] : ['-F', sshConfigFile]),
    ...(host.user === undefined ? [] : ['-l', host.user]),
    ...(host.port === undefined ? [] : ['-p', String(host.port)]),
    '--',
    host.address,
  ];
}

function settingsWithoutOpenSsh(host: Host, options: ResolveOptions): SshSettings {
  if (options.sshConfigFile === undefined) return defaultSshSettings(host, options.environment);
  throw new FlurryError({
    code: 'ssh-config',
    said: `there is no ssh program here that could read ${options.sshConfigFile}`,
  });
}
