import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { flakeFixture } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

/** Writes files into a folder and gives its path. */
async function folder(path: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

// The host has no git, no such folders, and no key for the other one.
test(
  'private inputs, in folders of this machine and in git behind an SSH login, go with the source without a word: the host builds what plain Nix builds here; with --copy-inputs never it cannot, and is not touched',
  options,
  withHosts(2, async (lease) => {
    const [host, server] = lease.hosts;
    assert.ok(host && server);
    const inner = await folder(join(lease.directory, 'inner'), { word: 'inner' });
    const outputs = 'outputs = { inner, ... }: { word = builtins.readFile (inner + "/word"); };';
    const dep = await folder(join(lease.directory, 'dep'), {
      'flake.nix': `{ inputs.inner = { url = "path:${inner}"; flake = false; }; ${outputs} }`,
    });
    const secret = await flakeFixture(lease.directory, {}, { name: 'secret' });
    await writeFile(join(secret.directory, 'word'), 'secret');
    await secret.commit();
    await program('scp', ['-qF', lease.sshConfig, '/usr/bin/git', `${server.name}:/usr/local/bin/`]);
    await program('scp', ['-qrF', lease.sshConfig, join(secret.directory, '.git'), `${server.name}:/root/secret.git`]);
    await server.inside('ln -s git /usr/local/bin/git-upload-pack');
    const ssh = { GIT_SSH_COMMAND: `ssh -F ${lease.sshConfig}` };
    Object.assign(process.env, ssh);
    try {
      const url = `git+ssh://root@${server.name}/root/secret.git?ref=main`;
      const flake = await flakeFixture(
        lease.directory,
        { [host.name]: '' },
        {
          inputs: `inputs.dep.url = "path:${dep}"; inputs.secret = { url = "${url}"; flake = false; };`,
          common: `environment.etc."words".text = inputs.dep.word + builtins.readFile (inputs.secret + "/word");`,
        },
      );
      await flake.lock();
      const deploy = (...args: readonly string[]) =>
        flurry(lease, [host.name, ...args], { cwd: flake.directory, environment: ssh });

      const never = await deploy('--copy-inputs', 'never');
      assert.deepEqual([never.result(host.name).verdict, never.result(host.name).code], ['failed', 'build-failed']);
      await assertUntouched(host, lease.baseToplevel);

      const end = await deploy();
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
    } finally {
      delete process.env['GIT_SSH_COMMAND'];
      await server.inside('rm -rf /usr/local/bin/git /usr/local/bin/git-upload-pack /root/secret.git');
    }
  }),
);
