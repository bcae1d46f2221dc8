import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import type { SecondSshd } from '../ssh/second-sshd.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

export interface Way {
  readonly sshd: SecondSshd;
  readonly lines: readonly string[];
  readonly args: readonly string[];
}

/** Deploys a system and gives by which transports the host was said to be reached. */
export async function deployed(lease: Lease, host: HostHandle, { sshd, lines, args }: Way) {
  const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
  const config = await sshConfig(lease, host, sshd, lines);
  const run = await flurry(lease, [host.name, '--ssh-config', config, ...args], { cwd: flake.directory });
  assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
  await assertRunsAndBoots(host, await flake.toplevel(host.name));
  const said = run.events.flatMap((event) => (event.event === 'log' && event.phase === 'connect' ? [event.line] : []));
  return { config, transports: said.filter((line) => line.startsWith('transport: ')) };
}

export async function sshConfig(
  lease: Lease,
  host: HostHandle,
  sshd: SecondSshd,
  lines: readonly string[],
): Promise<string> {
  const file = join(lease.directory, `config-${Math.random()}`);
  const entry = [
    ...[`Host ${host.name}`, ...lines, `HostKeyAlias ${host.address}`, `Port ${sshd.port}`, 'IdentitiesOnly yes'],
    `Include ${lease.sshConfig}`,
  ];
  await writeFile(file, `${entry.join('\n  ')}\n`);
  return file;
}
