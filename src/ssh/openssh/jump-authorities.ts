import { FlurryError } from '../../core/problem.ts';
import { authorityOnly } from '../host-keys/authority-only.ts';
import { knownHostsName } from '../host-keys/known-hosts.ts';
import type { KnownHostsFiles } from '../host-keys/known-hosts-files.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';

/**
 * Refuses jump hosts for whom only an authority is known and who are to be trusted at first sight: the ssh that our ssh
 * starts for a jump host takes none of our options, and would trust its plain key. Throws `host-key-unchecked`.
 */
export async function refuseTrustingJumps({ via }: SshSettings, knownHosts: KnownHostsFiles): Promise<void> {
  if (via.kind !== 'jump') return;
  const { name: jump, settings } = via.jump;
  const lines = await knownHosts.read([...settings.userKnownHosts, ...settings.globalKnownHosts]);
  const authority = authorityOnly(settings, lines);
  if (authority !== undefined && settings.unknownHostKey === 'append') {
    const said = `${authority.file}:${authority.line} asks for a certificate, and ssh would trust the bare key of a jump host: set StrictHostKeyChecking yes for it`;
    throw new FlurryError({ code: 'host-key-unchecked', name: knownHostsName(settings), said, jump });
  }
  await refuseTrustingJumps(settings, knownHosts);
}
