import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellQuote } from '../../src/core/shell-quote.ts';
import { addDeployUser, allowSudo } from '../deploy/deploy-user.ts';
import { buildsHere, type FlakeFixture, flakeFixture, service } from '../deploy/flake-fixture.ts';
import { flurryProgram } from '../deploy/run-flurry.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { standInFlake } from '../fleet/paths.ts';
import { type ProgramResult, program } from '../fleet/program.ts';

/** Somebody who has three hosts and a flake, and types what a page says. */
export interface Reader {
  readonly flake: FlakeFixture;
  /** The flake that stands for nixpkgs. */
  readonly nixpkgs: string;
  /** With the hosts under the names of the pages. */
  readonly sshConfig: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The host that is called so. */
  host(name: string): HostHandle;
  /** Changes every configuration and commits that, so that there is something to deploy. */
  change(): Promise<void>;
  /** The one before the last change. */
  earlierRevision(): string;
  /** Runs a command line by a shell, in the flake's folder. */
  type(command: string): Promise<ProgramResult>;
}

/** Which of the three hosts has which names: those that a command names together are different ones. */
const namesOfHosts = [
  ['web1', 'bastion', '192.0.2.7'],
  ['web2', 'db1', 'pi1'],
  ['web3', 'db2'],
] as const;
const configurations = ['web1', 'web2', 'web3', 'db1', 'db2', 'pi1'] as const;

/**
 * Makes the reader of a page. Hosts lose their own names meanwhile, and users named deploy are made; the lease's end takes
 * all that back but the names, which `release` does.
 */
export async function readerOf(lease: Lease): Promise<Reader & { readonly release: () => Promise<void> }> {
  const home = join(lease.directory, 'home');
  const nixpkgs = join(lease.directory, 'nixpkgs');
  await cp(standInFlake, nixpkgs, { recursive: true });
  const flake = await flakeFixture(lease.directory, Object.fromEntries(configurations.map((name) => [name, ''])), {
    inputs: `inputs.nixpkgs = { url = "path:${nixpkgs}"; flake = false; };`,
  });
  await flake.lock();

  const sshConfig = join(lease.directory, 'reader_ssh_config');
  await writeFile(sshConfig, sshConfigText(lease), { mode: 0o600 });
  for (const host of lease.hosts) {
    await host.inside('hostname "$1"', [`unnamed-${host.name}`]);
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL) NOPASSWD: ALL\n');
  }

  const environment = {
    PATH: `${await programs(lease, sshConfig)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    FLURRY_SSH_CONFIG: sshConfig,
    FLURRY_SETTLE: '500ms',
    ...buildsHere,
  };
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'web-sudo-password'), 'secret\n', { mode: 0o600 });

  const revisions: string[] = [];
  return {
    flake,
    nixpkgs,
    sshConfig,
    environment,
    host(name) {
      const host = lease.hosts[namesOfHosts.findIndex((names) => names.some((one) => one === name))];
      if (host === undefined) throw new Error(`no host of the pages is called ${name}`);
      return host;
    },
    async change() {
      const version = String(revisions.length + 1);
      for (const name of configurations) await flake.change(name, service('own', version));
      revisions.push(await flake.commit());
      await flake.git('branch', '--force', 'staging');
    },
    earlierRevision() {
      const earlier = revisions.at(-2);
      if (earlier === undefined) throw new Error('there were no two changes yet');
      return earlier;
    },
    type: (command) =>
      program('env', ['-C', flake.directory, 'sh', '-c', command], {
        environment: { ...environment },
        allowFailure: true,
        timeoutMs: 120_000,
      }),
    async release() {
      for (const host of lease.hosts) await host.inside('hostname "$1"', [host.name]);
    },
  };
}

function sshConfigText(lease: Lease): string {
  const entries = lease.hosts.map(
    ({ address }, index) => `Host ${namesOfHosts[index]?.join(' ')}\n  HostName ${address}\n`,
  );
  const common = [
    'Host *',
    '  IdentitiesOnly yes',
    `  IdentityFile ${lease.identity}`,
    '  IdentityAgent none',
    `  UserKnownHostsFile ${lease.knownHosts}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');
  return `${entries.join('')}${common}`;
}

/** A folder with what the reader has on the PATH: flurry, ssh with that configuration, and a password manager. */
async function programs(lease: Lease, sshConfig: string): Promise<string> {
  const folder = join(lease.directory, 'bin');
  const beside = join(lease.directory, 'bin-of-flurry');
  const write = async (path: string, script: string): Promise<void> => {
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  };
  await mkdir(folder);
  await mkdir(beside);
  await write(join(beside, 'pass'), 'echo secret');
  const path = `${beside}:${process.env['PATH'] ?? ''}`;
  const run = [process.execPath, flurryProgram].map(shellQuote).join(' ');
  await write(join(folder, 'flurry'), `PATH=${shellQuote(path)} exec ${run} "$@"`);
  await write(join(folder, 'ssh'), `PATH=${shellQuote(path)} exec ssh -F ${shellQuote(sshConfig)} "$@"`);
  return folder;
}
