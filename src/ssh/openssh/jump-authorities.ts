import { FlurryError } from '../../core/problem.ts';
import { authorityOnly } from '../host-keys/authority-only.ts';
import { knownHostsName } from '../host-keys/known-hosts.ts';
import type { KnownHostsFiles } from '../host-keys/known-hosts-files.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';

/**
 * Refuses jump hosts that ssh would trust blindly. The ssh that our ssh starts for a jump host takes none of our options: it
 * would trust the plain key of one for whom only an authority is known, where unknown keys are accepted, and a changed key
 * where StrictHostKeyChecking is `no`. Throws `host-key-unchecked`.
 */
export async function refuseTrustingJumps({ via }: SshSettings, knownHosts: KnownHostsFiles): Promise<void> {
  if (via.kind !== 'jump') return;
  const { name: jump, settings } = via.jump;
  const unchecked = (said: string) =>
    new FlurryError({ code: 'host-key-unchecked', name: knownHostsName(settings), said, jump });
  if (settings.sshTakesChangedKeys === true) {
    throw unchecked(
      'StrictHostKeyChecking no: ssh would go on past a changed key of a jump host: set accept-new for it',
    );
  }
  const known = await knownHosts.read([...settings.userKnownHosts, ...settings.globalKnownHosts]);
  const authority = authorityOnly(settings, known);
  if (authority !== undefined && settings.unknownHostKey === 'append') {
    const said = `${authority.file}:${authority.line} asks for a certificate, and ssh would trust the bare key of a jump host: set StrictHostKeyChecking yes for it`;
    throw unchecked(said);
  }
  await refuseTrustingJumps(settings, knownHosts);
}
