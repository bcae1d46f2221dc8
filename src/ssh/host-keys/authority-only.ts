import type { SshSettings } from '../settings/ssh-settings.ts';
import { judgeHostKey, type KnownHosts, knownHostsName } from './known-hosts.ts';

const noKey = Buffer.alloc(0);

/**
 * Gives the place of the certificate authority where that is all that known_hosts has for a host, whose plain key must
 * then never be trusted on first use; `knownHosts` is of all its known_hosts files.
 */
export function authorityOnly(
  settings: SshSettings,
  knownHosts: KnownHosts,
): { readonly file: string; readonly line: number } | undefined {
  const name = knownHostsName(settings);
  const finding = judgeHostKey(knownHosts.linesFor(name), noKey);
  if (finding.kind === 'cert-authority') return finding;
  if (finding.kind !== 'unknown' || settings.hostKeyAlias !== undefined) return undefined;
  // As ssh does ("checking without port identifier"): what is said of the bare name holds for every port.
  const bare = judgeHostKey(knownHosts.linesFor(settings.hostname.toLowerCase()), noKey);
  return bare.kind === 'cert-authority' ? bare : undefined;
}
