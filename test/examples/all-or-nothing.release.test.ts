import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { type Example, withExample } from './example.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };
const deploy = 'flurry app1 db1 --all-or-nothing';

test(
  'the example all-or-nothing: app1 and db1 change their protocol together; when app1 breaks both go back to it, and the screen says why (40 s: six transactions)',
  options,
  withExample('all-or-nothing', ['app1', 'db1'], async (example) => {
    // The name that the application knows its database by.
    const { address } = example.host('db1');
    await example.host('app1').inside('echo "$1 db1" >>/etc/hosts', [address]);
    for (const version of [1, 2]) {
      if (version > 1) await example.edit('protocol.nix', '\n1\n', '\n2\n');
      const { code, stdout, stderr } = await example.run(deploy);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^2 hosts promoted in /m);
      assert.deepEqual(await spoken(example), [`app1 speaks version ${version}`, `${version}`]);
    }
    const good = await Promise.all(['app1', 'db1'].map((name) => example.toplevel(name)));

    await example.edit('protocol.nix', '\n2\n', '\n3\n');
    await example.edit('hosts/app1.nix', 'exec sleep infinity', 'exit 1');
    const { code, stdout, stderr } = await example.run(deploy);
    assert.equal(code, 1, stderr);
    const screen = `${stderr}${stdout}`;
    assert.match(
      screen,
      /^app1 .*ROLLED BACK.*1 unit failed under the new system: app\.service; the host has put itself back/m,
    );
    assert.match(screen, /^db1 .*ROLLED BACK.*app1 did not make it, and this host changes with it or not at all/m);
    assert.match(stdout, /^none of 2 hosts made it in .*2 ROLLED BACK/m);
    for (const [index, name] of ['app1', 'db1'].entries()) {
      await assertRunsAndBoots(example.host(name), good[index] ?? '');
      await assertNothingLeft(example.host(name));
    }
    assert.deepEqual(await spoken(example), ['app1 speaks version 2', '2']);

    const status = await example.run('flurry status app1 db1');
    assert.equal(status.code, 0, status.stderr);
    assert.equal(status.stdout.match(/ROLLED BACK/g)?.length, 2, status.stdout);
  }),
);

/** What the running application says, and what the database answers. */
async function spoken(example: Example): Promise<readonly string[]> {
  const app = 'systemctl is-active --quiet app && journalctl -u app -o cat | grep "^app1 speaks" | tail -n 1';
  const said = await example.host('app1').inside(`${app}; bash -c 'cat </dev/tcp/db1/7000'`);
  return said.stdout.trim().split('\n');
}
