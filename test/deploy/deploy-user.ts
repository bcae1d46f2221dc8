import type { HostHandle } from '../fleet/host-handle.ts';

/** Makes the user `deploy` on a host, who logs in by the fleet's key and is nobody special; the fleet's reset undoes it. */
export async function addDeployUser(host: HostHandle): Promise<void> {
  const keys = '/etc/ssh/authorized_keys.d';
  await host.inside(`useradd --create-home --shell /bin/sh deploy && cp -p ${keys}/alice ${keys}/deploy`);
}

/** Lets the user become root by sudo; a password is then what sudo asks for. */
export async function allowSudo(host: HostHandle, sudoers: string, password?: string): Promise<void> {
  await host.inside('umask 227; cat >/etc/sudoers.d/deploy; visudo --check --quiet', [], { input: sudoers });
  if (password !== undefined) await host.inside('chpasswd', [], { input: `deploy:${password}\n` });
}

export async function allowDoas(host: HostHandle, doasConf: string): Promise<void> {
  await host.inside('umask 227; cat >/etc/doas.conf; doas -C /etc/doas.conf', [], { input: doasConf });
}

export async function allowRun0(host: HostHandle, polkitRules: string): Promise<void> {
  await host.inside('mkdir -p /etc/polkit-1/rules.d; cat >/etc/polkit-1/rules.d/10-nixos.rules', [], {
    input: polkitRules,
  });
}
