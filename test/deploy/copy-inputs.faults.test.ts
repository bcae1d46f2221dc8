import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { flakeFixture } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
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
  'an input that the host cannot fetch is sent to it, told, once the build has failed for that',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await folder(join(lease.directory, 'tree'), { word: 'fetched' });
    const archive = join(lease.directory, 'tree.tar.gz');
    await program('tar', ['-C', lease.directory, '-czf', archive, 'tree']);
    // On this machine's loopback: of the host's own, nobody answers.
    const files = createServer((_, response) => void readFile(archive).then((bytes) => response.end(bytes)));
    files.listen(0, '127.0.0.1');
    await once(files, 'listening');
    const bound = files.address();
    assert.ok(typeof bound === 'object' && bound !== null);
    try {
      const flake = await flakeFixture(
        lease.directory,
        { [host.name]: '' },
        {
          inputs: `inputs.tree = { url = "http://127.0.0.1:${bound.port}/tree.tar.gz"; flake = false; };`,
          common: `environment.etc."word".source = inputs.tree + "/word";`,
        },
      );
      await flake.lock();
      const end = await flurry(lease, [host.name], { cwd: flake.directory });
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
      const told = end.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
      assert.deepEqual(told, [
        'it could not evaluate the flake and lacks inputs: tree; copying them, then it builds once more',
      ]);
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
    } finally {
      files.close();
    }
  }),
);
