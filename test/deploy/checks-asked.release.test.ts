import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { answering } from './answering.ts';
import { checked } from './checked.ts';
import { service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  '--confirm ask: a person is asked once the checks have passed, and not at all where one fails (two transactions: over 20 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    using here = await answering(host);
    const flake = await checked(lease, `site = { http = "${here.url('/told')}"; period = "500ms"; timeout = "5m"; };`);
    const words = ['--confirm', 'ask', '-o', 'json', host.name];
    const question = 'keep the new system? [y/N] ';
    const notWell = (): void => here.tell(503);

    notWell();
    const asked = flurryOnTerminal(lease, words, { cwd: flake.directory });
    await asked.until('the check has failed for a while', (event) => {
      return event.event === 'check' && event.state === 'trying' && event.milliseconds > 3000;
    });
    assert.ok(!asked.screen().includes(question), asked.screen());
    here.tell(200);
    await asked.untilShown(question);
    asked.type('y\n');
    const kept = await asked.ended;
    assert.deepEqual([kept.code, kept.result(host.name).verdict], [0, 'promoted'], kept.tail);
    const system = await flake.toplevel(host.name);
    await assertRunsAndBoots(host, system);

    await flake.change(host.name, service('own', '2'));
    notWell();
    const failing = flurryOnTerminal(lease, [...words, '--confirm-cap', '12s', '--confirm-timeout', '6s'], {
      cwd: flake.directory,
    });
    const end = await failing.ended;
    const { verdict, code } = end.result(host.name);
    assert.deepEqual([end.code, verdict, code], [1, 'rolled-back', 'check-failed'], end.tail);
    assert.ok(!failing.screen().includes(question), failing.screen());
    await assertRunsAndBoots(host, system);
  }),
);
