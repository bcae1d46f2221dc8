import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { withExample } from './example.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'the example quickstart: three hosts are looked at, one is deployed, then all three, by the words of its README (25 s: four transactions)',
  options,
  withExample('quickstart', ['web1', 'web2', 'web3'], async (example) => {
    const looked = await example.run('flurry check web1 web2 web3');
    assert.equal(looked.code, 0, looked.stderr);
    const one = await example.run('flurry web1');
    assert.equal(one.code, 0, one.stderr);
    await assertRunsAndBoots(example.host('web1'), await example.toplevel('web1'));
    await assertRunsAndBoots(example.host('web2'), example.lease.baseToplevel);

    const all = await example.run('flurry web1 web2 web3');
    assert.equal(all.code, 0, all.stderr);
    assert.match(all.stdout, /^2 hosts promoted, 1 unchanged in /m);
    for (const [name, host] of example.names) await assertRunsAndBoots(host, await example.toplevel(name));
    const { stdout } = await example.host('web3').inside('journalctl -u greeter -o cat');
    assert.match(stdout, /^web3 keeps the backups$/m);
  }),
);
