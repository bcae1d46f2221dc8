import { pinnedFirst } from '../host-keys/pinned-keys.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';

/** What the master's command line is made of. */
export interface MasterOptions {
  readonly settings: SshSettings;
  /** Config file, options, user, port and address, as for `ssh -G`. */
  readonly destination: readonly string[];
  /** Where the master listens for us. */
  readonly socketPath: string;
  readonly timeoutMs: number;
  /** Options that this OpenSSH knows beyond those of 7.4. */
  readonly known: ReadonlySet<'ForkAfterAuthentication'>;
  readonly unknownHostKey: 'refuse' | 'append' | 'ask';
  /** `never`: whatever would need a person fails at once. */
  readonly asks: 'person' | 'never';
  /** Of known_hosts lines, where keys are pinned: read instead of all others. */
  readonly pinsFile?: string | undefined;
}

const strictness = { refuse: 'yes', append: 'accept-new', ask: 'ask' } as const;

/** Printed by the master once it is logged in and listens for us. */
export const readyMark = 'flurry-ready';

/**
 * Gives the arguments of an `ssh` that logs in and does nothing but carry our channels. Of each option the first value
 * counts, so ours come before the user's; what the user's configuration says otherwise holds: keys, certificates,
 * algorithms, jump hosts, and which host keys are known.
 */
export function masterArguments(options: MasterOptions): readonly string[] {
  const { settings, socketPath, timeoutMs, known, unknownHostKey, asks, pinsFile, destination } = options;
  const ours = [
    'ControlPersist=no',
    // Runs after the login, when the socket is there: nothing has to be polled. It replaces the user's own.
    'PermitLocalCommand=yes',
    `LocalCommand=echo ${readyMark}`,
    'RemoteCommand=none',
    'RequestTTY=no',
    ...(known.has('ForkAfterAuthentication') ? ['ForkAfterAuthentication=no'] : []),
    'ForwardAgent=no',
    'ForwardX11=no',
    'Tunnel=no',
    'ClearAllForwardings=yes',
    // A failed login is told from a failed connection by what ssh says on the way.
    'LogLevel=DEBUG1',
    `ConnectTimeout=${Math.ceil(timeoutMs / 1000)}`,
    `BatchMode=${asks === 'person' ? 'no' : 'yes'}`,
    // ssh takes a changed key for granted where this is `no`; we never do.
    `StrictHostKeyChecking=${strictness[unknownHostKey]}`,
    ...(pinsFile === undefined ? [] : pinOptions(settings, pinsFile)),
    // As the watchdog of the built-in transport; zero of the user's would turn the watch off.
    `ServerAliveInterval=${Math.max(1, Math.round((settings.serverAlive?.intervalMs ?? 15_000) / 1000))}`,
    `ServerAliveCountMax=${settings.serverAlive?.countMax ?? 4}`,
  ];
  return ['-M', '-S', socketPath, '-N', '-T', ...ours.flatMap((option) => ['-o', option]), ...destination];
}

/** Whatever else would make ssh trust a key, or a host without one, is off: ssh_config(5). */
function pinOptions({ pinned, algorithms }: SshSettings, file: string): readonly string[] {
  if (pinned === undefined) return [];
  const offered = pinnedFirst(pinned, algorithms);
  return [
    // Quoted, and with its tokens escaped: ssh takes a list of paths.
    `UserKnownHostsFile="${file.replaceAll('%', '%%')}"`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    ...pinned.noOtherTrust,
    ...(offered.length === 0 ? [] : [`HostKeyAlgorithms=${offered.join(',')}`]),
  ];
}
