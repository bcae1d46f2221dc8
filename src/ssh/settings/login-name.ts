import { knownHostsName } from '../host-keys/known-hosts.ts';
import type { SshSettings } from './ssh-settings.ts';

/** The name of a login, as a person knows it. */
export function loginName(settings: SshSettings): string {
  const { hostKeyAlias: _, ...host } = settings;
  return `${settings.user}@${knownHostsName(host)}`;
}

/**
 * The full name of the login that ssh means by `user@host`: of the host or of one of its jump hosts. Undefined where it
 * may be more than one, or none: a password of one must not be given to another.
 */
export function loginNamed(login: string, settings: SshSettings): string | undefined {
  const [name, ...others] = wayTo(settings)
    // As ssh cuts them off (sshconnect2.c).
    .filter(
      ({ user, hostname }) =>
        login === `${user.slice(0, 30)}@${hostname.slice(0, 128)}` || login === `${user}@${hostname}`,
    )
    .map(loginName);
  return others.length === 0 ? name : undefined;
}

/** The host, and those through which it is reached. */
export function wayTo(settings: SshSettings): readonly SshSettings[] {
  return [settings, ...(settings.via.kind === 'jump' ? wayTo(settings.via.jump.settings) : [])];
}
