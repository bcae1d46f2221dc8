import type { Host } from '../../core/host.ts';
import { FlurryError } from '../../core/problem.ts';
import { withPinnedKeys } from '../host-keys/pinned-keys.ts';
import type { AskLimits } from './asking-shell.ts';
import { AskingShells } from './asking-shells.ts';
import { checkDestination } from './destination.ts';
import { SharedWork } from './shared-work.ts';
import { destinationArguments, type Hop, hopArguments, type SshWishes } from './ssh-arguments.ts';
import {
  defaultSshSettings,
  type PrintedSettings,
  parseSshSettings,
  type SshSettings,
  type Via,
} from './ssh-settings.ts';

export interface ResolverOptions extends SshWishes {
  /** `given`: flurry was told a limit for connecting, which goes before ssh's ConnectTimeout. */
  readonly connectTimeout?: 'given' | 'default' | undefined;
  /** Told once, where there is no ssh program to ask; `host` is the first that was to be resolved. */
  readonly withoutSsh?: (host: string) => void;
}

/** `ssh -G` may look up names (CanonicalizeHostname) and run programs (Match exec). */
export type ResolveLimits = AskLimits;

export type Resolve = (host: Host, limits: ResolveLimits) => Promise<SshSettings>;

/**
 * Gives the one who asks OpenSSH what its configuration says about hosts and their jump hosts: each is asked for once,
 * and what was said then holds for all later connections, a failure too. Without an OpenSSH its plain defaults are taken.
 * The destination must have been checked (checkDestination). Throws `ssh-config` with what ssh said,
 * `ssh-unsupported`, `jump-loop`, or the signal's reason.
 */
export function sshResolver(options: ResolverOptions): Resolve {
  const asked = new SharedWork<PrintedSettings>();
  const shells = new AskingShells(options.environment);
  let isToldWithoutSsh = false;
  const withoutSsh = (host: Host): PrintedSettings => {
    const settings = settingsWithoutOpenSsh(host, options);
    if (!isToldWithoutSsh) options.withoutSsh?.(host.name);
    isToldWithoutSsh = true;
    return withPinnedKeys(settings, host.hostKeys);
  };

  const ask = async (host: Host, words: readonly string[], { timeoutMs, signal }: ResolveLimits) => {
    const { hostKeys = [] } = host;
    const printed = await asked.result([...words, ...hostKeys].join('\0'), signal, async (stop) => {
      const said = await askSsh(shells, words, { timeoutMs, signal: stop });
      if (said === 'no-ssh') return withoutSsh(host);
      return withPinnedKeys(parseSshSettings(said, options.environment), hostKeys, said);
    });
    if ((host.reach?.connectTimeout ?? options.connectTimeout) !== 'given') return printed;
    const { connectTimeoutMs: _, ...rest } = printed;
    return rest;
  };

  const withJumps = async (
    printed: PrintedSettings,
    limits: ResolveLimits,
    seen: readonly Seen[],
    reach: Pick<Host, 'reach'>,
  ): Promise<SshSettings> => {
    const { proxyJump, proxyCommand, ...settings } = printed;
    if (proxyJump === undefined) return { ...settings, via: proxyCommand ?? { kind: 'direct' } };
    const { last: name, before } = proxyJump;
    const hop = hopNamed(name);
    const hopPrinted = await ask({ name, ...hop, ...reach }, hopArguments(hop, before, options), limits);
    const here = { name, key: keyOf(hopPrinted) };
    // With hops of its own before it, it is another way: only one that comes back to itself never ends.
    if (seen.some(({ key }) => key === here.key)) {
      throw new FlurryError({ code: 'jump-loop', hosts: [...seen, here].map((each) => each.name) });
    }
    const jump = await withJumps(hopPrinted, limits, [...seen, here], reach);
    const beyondBuiltin = [...settings.beyondBuiltin, ...jump.beyondBuiltin];
    return { ...settings, beyondBuiltin, via: { kind: 'jump', jump: { name, settings: jump } } };
  };

  return async (host, limits) => {
    limits.signal.throwIfAborted();
    const printed = await ask(host, destinationArguments(host, options), limits);
    const reach = host.reach === undefined ? {} : { reach: host.reach };
    return await withJumps(printed, limits, [{ name: host.address, key: keyOf(printed) }], reach);
  };
}

interface Seen {
  readonly name: string;
  readonly key: string;
}

function keyOf({ user, hostname, port }: PrintedSettings): string {
  return JSON.stringify([user, hostname, port]);
}

/** Gives the addresses of all hosts through which the connection goes, the nearest one to the host first. */
export function jumpAddresses(via: Via): readonly string[] {
  if (via.kind !== 'jump') return [];
  const { settings } = via.jump;
  return [settings.hostname, ...jumpAddresses(settings.via)];
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, as ssh_config(5) has it. */
function hopNamed(name: string): Hop {
  const found = /^(?:ssh:\/\/)?(?:(?<user>.+)@)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:@]+))(?::(?<port>\d+))?\/?$/.exec(
    name,
  )?.groups;
  const { user, v6, host, port } = found ?? {};
  const hop = {
    address: v6 ?? host ?? '',
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
  try {
    checkDestination({ name, ...hop });
  } catch (error) {
    throw new FlurryError(
      { code: 'ssh-config', said: `ProxyJump: "${name}" is no [user@]host[:port]` },
      { cause: error },
    );
  }
  return hop;
}

async function askSsh(shells: AskingShells, words: readonly string[], limits: AskLimits): Promise<string> {
  const { status, stdout, stderr } = await shells.ask(words, limits).catch((error: unknown) => {
    limits.signal.throwIfAborted();
    throw new FlurryError(
      { code: 'ssh-config', said: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  });
  if (status === 'absent') return 'no-ssh';
  if (status === 0) return stdout;
  const said = stderr.replaceAll('\r\n', '\n').trim() || `ssh -G ended with status ${status}`;
  throw new FlurryError({ code: 'ssh-config', said });
}

/** Whatever was asked of ssh in so many words cannot be left out: another machine might be reached. */
function settingsWithoutOpenSsh(
  host: Host,
  { sshConfigFile, sshOptions: ofAll = [], environment }: SshWishes,
): PrintedSettings {
  const { sshOptions = ofAll } = host.reach ?? {};
  const wish =
    sshConfigFile ??
    (sshOptions.length > 0 ? '--ssh-option' : environment['NIX_SSHOPTS']?.trim() ? 'NIX_SSHOPTS' : undefined);
  if (wish === undefined) {
    const { via: _, ...settings } = defaultSshSettings(host, environment);
    return settings;
  }
  throw new FlurryError({ code: 'ssh-config', said: `there is no ssh program here that could read ${wish}` });
}
