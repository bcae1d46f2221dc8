import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { aborted, told } from './asked-to-decide.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'SIGTERM once while the host waits to be confirmed: nobody is asked any more, the host puts itself back, exit 130',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const run = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await run.untilShown('keep the new system? [y/N] ');
    await untilState(host, 'waiting');
    run.kill('SIGTERM');
    const back = { exit: 130, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
    assert.deepEqual(told(await run.ended, host), back);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);
