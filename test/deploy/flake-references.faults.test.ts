import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { type FlakeFixture, type FlakeOptions, flakeFixture, service } from './flake-fixture.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

interface Case {
  readonly title: string;
  readonly fixture?: (parent: string) => FlakeOptions;
  /** Nix text added to the host's configuration. */
  readonly module?: string;
  /** Changes the repository after it was made. */
  readonly prepare?: (flake: FlakeFixture, host: string, parent: string) => Promise<void>;
  /** The arguments for flurry, and the folder that it is run in. */
  readonly typed: (flake: FlakeFixture) => Promise<{ readonly args: readonly string[]; readonly cwd?: string }>;
  /** What plain Nix is asked for, as `nix eval` takes it, if not the git flake itself. */
  readonly plainly?: (flake: FlakeFixture) => Promise<readonly [reference: string, ...nixArguments: readonly string[]]>;
}

const at = (cwd: (flake: FlakeFixture) => string, ...args: readonly string[]): Case['typed'] => {
  return async (flake) => ({ args, cwd: cwd(flake) });
};
const named = (reference: (flake: FlakeFixture) => string): Case['typed'] => {
  return async (flake) => ({ args: ['-f', reference(flake)] });
};

/** A module that only an impure evaluation can read. */
const impure = 'environment.etc."impure".text = builtins.currentSystem;';

const cases: readonly Case[] = [
  { title: 'the working directory', typed: at((flake) => flake.directory) },
  { title: 'a relative path', typed: at((flake) => join(flake.directory, '..'), '--flake', './flake') },
  { title: 'an absolute path', typed: named((flake) => flake.directory) },
  {
    title: 'a subdirectory of a git repository, from within',
    fixture: () => ({ subdirectory: 'machines/all' }),
    typed: at((flake) => join(flake.directory, 'machines/all')),
  },
  {
    title: 'a subdirectory of a git repository, by its path',
    fixture: () => ({ subdirectory: 'machines/all' }),
    typed: named((flake) => join(flake.directory, 'machines/all')),
  },
  {
    title: 'a subdirectory of a git repository, by git+file: and dir',
    fixture: () => ({ subdirectory: 'machines' }),
    typed: named((flake) => `git+file://${flake.directory}?dir=machines`),
  },
  {
    title: 'a subdirectory of a dirty git repository',
    fixture: () => ({ subdirectory: 'machines' }),
    prepare: (flake, host) => flake.change(host, service('changed')),
    typed: at((flake) => join(flake.directory, 'machines')),
  },
  {
    title: 'a branch of a git+file: repository, while another one is checked out',
    prepare: onBranch,
    typed: named((flake) => `git+file://${flake.directory}?ref=feature`),
    plainly: async (flake) => [`git+file://${flake.directory}?ref=feature`],
  },
  {
    title: 'a revision of a git+file: repository that is not the last one',
    prepare: async (flake, host) => {
      await flake.change(host, service('changed'));
      await flake.commit();
    },
    typed: async (flake) => ({
      args: ['-f', `git+file://${flake.directory}?rev=${await flake.git('rev-parse', 'HEAD~1')}`],
    }),
    plainly: async (flake) => [`git+file://${flake.directory}?rev=${await flake.git('rev-parse', 'HEAD~1')}`],
  },
  {
    title: 'a path: flake, with its untracked files',
    prepare: async (flake) => writeFile(join(flake.directory, 'untracked'), 'seen by path:'),
    typed: named((flake) => `path:${flake.directory}`),
    plainly: async (flake) => [`path:${flake.directory}`],
  },
  {
    title: '--override-input',
    fixture: (parent) => ({
      inputs: `inputs.extra = { url = "path:${parent}/extra"; flake = false; };`,
      common: `environment.etc."extra".source = "\${inputs.extra}/file";`,
    }),
    prepare: async (flake, _, parent) => {
      await fileAt(join(parent, 'extra/file'), 'as locked');
      await fileAt(join(parent, 'other/file'), 'overridden');
      await flake.lock();
    },
    typed: at((flake) => flake.directory, '--override-input', 'extra', 'path:../other'),
    plainly: async (flake) => [
      `git+file://${flake.directory}`,
      '--override-input',
      'extra',
      `path:${join(flake.directory, '../other')}`,
    ],
  },
  {
    title: '--override-input, by what the lock file has: the tree is as clean as without it, and tells its revision',
    fixture: (parent) => ({ inputs: `inputs.extra = { url = "path:${parent}/extra"; flake = false; };` }),
    prepare: async (flake, _, parent) => {
      await fileAt(join(parent, 'extra/file'), 'as locked');
      await flake.lock();
    },
    typed: async (flake) => ({
      args: ['--override-input', 'extra', `path:${join(flake.directory, '../extra')}`],
      cwd: flake.directory,
    }),
    plainly: async (flake) => [
      `git+file://${flake.directory}`,
      '--override-input',
      'extra',
      `path:${join(flake.directory, '../extra')}`,
    ],
  },
  {
    title: '--impure',
    module: impure,
    typed: at((flake) => flake.directory, '--impure'),
    plainly: async (flake) => [`git+file://${flake.directory}`, '--impure'],
  },
  {
    title: '--option, with a name and a value',
    module: impure,
    typed: at((flake) => flake.directory, '--option', 'pure-eval', 'false'),
    plainly: async (flake) => [`git+file://${flake.directory}`, '--impure'],
  },
  {
    title: 'further Nix arguments after --',
    module: impure,
    typed: at((flake) => flake.directory, '--', '--option', 'pure-eval', 'false'),
    plainly: async (flake) => [`git+file://${flake.directory}`, '--impure'],
  },
];

for (const { title, fixture, module = '', prepare, typed, plainly } of cases) {
  test(
    `the host builds what plain Nix builds from the flake: ${title}`,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const flake = await flakeFixture(
        lease.directory,
        { [host.name]: `${service('own')} ${module}` },
        fixture?.(lease.directory),
      );
      await prepare?.(flake, host.name, lease.directory);
      const before = await inventory(flake.directory);
      const { args, cwd = lease.directory } = await typed(flake);

      const run = await flurry(lease, [host.name, '--goal', 'build', ...args], { cwd });

      const expected = await flake.toplevel(host.name, ...((await plainly?.(flake)) ?? []));
      const { verdict, reason } = run.result(host.name);
      assert.deepEqual({ verdict, reason }, { verdict: 'built', reason: `built ${expected}` }, run.tail);
      await host.inside('nix-store --check-validity "$1"', [expected]);
      assert.equal(await inventory(flake.directory), before, 'nothing was written into the tree');
    }),
  );
}

test(
  'a dirty tree deploys what Nix sees: changed tracked files, no untracked ones; the first line says so',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own'), other: service('own') });
    const clean = await flake.toplevel(host.name);
    await flake.change(
      host.name,
      `${service('changed')} imports = lib.optional (builtins.pathExists ./untracked.nix) ./untracked.nix;`,
    );
    await flake.change('other', service('changed'));
    await writeFile(join(flake.directory, 'hosts/untracked.nix'), 'throw "an untracked file was seen"');
    const dirty = await flake.toplevel(host.name);
    assert.notEqual(dirty, clean);
    const before = await inventory(flake.directory);

    const run = await flurryLines(lease, [host.name], { cwd: flake.directory });
    assert.match(run.stderr, /^flake \. @ sha256-[A-Za-z0-9+/]{7} \(main, 2 files dirty\) → 1 host, goal promote\n/);
    assert.equal(run.code, 0, run.tail);
    assert.equal((await host.facts()).running, dirty);
    await host.inside('systemctl is-active changed.service');
    assert.equal(await inventory(flake.directory), before, 'nothing was written into the tree');

    await flake.git('add', 'hosts');
    await flake.git('rm', '--quiet', '--cached', 'hosts/untracked.nix');
    await flake.git('commit', '--quiet', '--message=x');
    const rev = await flake.git('rev-parse', '--short=7', 'HEAD');
    const committed = await flurryLines(lease, [host.name], { cwd: flake.directory });
    assert.equal(committed.stderr.split('\n')[0], `flake . @ ${rev} (main) → 1 host, goal promote`);
    assert.equal((await host.facts()).running, await flake.toplevel(host.name));
  }),
);

async function onBranch(flake: FlakeFixture, host: string): Promise<void> {
  await flake.git('switch', '--quiet', '--create', 'feature');
  await flake.change(host, service('feature'));
  await flake.commit();
  await flake.git('switch', '--quiet', 'main');
}

async function fileAt(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
}

/** Every path of a folder, .git included, with size, inode and times of change. */
async function inventory(directory: string): Promise<string> {
  const { stdout } = await program('find', [directory, '-printf', '%P %y %s %i %C@ %l\n']);
  return stdout.split('\n').sort().join('\n');
}
