import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildsHere, type FlakeFixture, flakeFixture, service } from '../deploy/flake-fixture.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import type { Job } from './contenders.ts';

/** A flake of the bench's own, and all that a run writes. */
export interface Ground extends AsyncDisposable {
  readonly directory: string;
  readonly flake: FlakeFixture;
  readonly names: readonly string[];
  /** Commits a new version of the one unit of every host. */
  changeUnits(): Promise<void>;
  /** What is to be done to the hosts of a lease. */
  job(lease: Pick<Lease, 'sshConfig'>, buildOn: Job['buildOn']): Promise<Job>;
  /** Says why the hosts do not run and boot their configuration; nothing where they do. */
  whatIsWrong(lease: Pick<Lease, 'hosts'>): Promise<string | undefined>;
}

export interface GroundOptions {
  /** Of a store path of random bytes that every system has. */
  readonly bigBytes?: number;
  /** Nix text that every host's module has. */
  readonly module?: string;
}

export async function ground(names: readonly string[], options: GroundOptions = {}): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-bench-'));
  const home = join(directory, 'home');
  await mkdir(home);
  const big = join(directory, 'big');
  let version = 0;
  const module = (): string => `${service('own', `${version}`)} ${options.module ?? ''}`;
  const withBig = {
    inputs: `inputs.big = { url = "path:${big}"; flake = false; };`,
    common: `environment.etc."big".source = inputs.big + "/data";`,
  };
  if (options.bigBytes !== undefined) {
    await mkdir(big);
    await writeFile(join(big, 'data'), randomBytes(options.bigBytes));
  }
  const flake = await flakeFixture(
    directory,
    Object.fromEntries(names.map((name) => [name, module()])),
    options.bigBytes === undefined ? {} : withBig,
  );
  if (options.bigBytes !== undefined) {
    await flake.lock();
    // Built before anybody is timed: it is the copy that is measured.
    for (const name of names)
      await program('nix-store', ['--realise', await flake.derivation(name)], { environment: buildsHere });
  }
  const toplevels = new Map<string, Promise<string>>();
  return {
    directory,
    flake,
    names,
    async changeUnits() {
      version += 1;
      toplevels.clear();
      for (const name of names) await flake.change(name, module());
      await flake.commit();
    },
    async job({ sshConfig }, buildOn) {
      const masterConfig = join(directory, 'ssh_config_master');
      const master = `Host *\n  ControlMaster auto\n  ControlPath ${directory}/%C\n  ControlPersist 60\n`;
      await writeFile(masterConfig, `${master}\n${await readFile(sshConfig, 'utf8')}`, { mode: 0o600 });
      return { names, flake: flake.directory, sshConfig, masterConfig, buildOn, home };
    },
    async whatIsWrong({ hosts }) {
      const wrong = await Promise.all(
        hosts.map(async (host) => {
          const wished = toplevels.get(host.name) ?? flake.toplevel(host.name);
          toplevels.set(host.name, wished);
          const { running, profile, bootDefault, failedUnits } = await host.facts();
          const found = { running, profile, bootDefault, failedUnits: failedUnits.join() };
          const all = { running: await wished, profile: await wished, bootDefault: await wished, failedUnits: '' };
          const same = JSON.stringify(found) === JSON.stringify(all);
          return same ? [] : [`${host.name}: ${JSON.stringify(found)}, not ${JSON.stringify(all)}`];
        }),
      );
      return wrong.flat()[0];
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}
