import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { aborted, told } from './asked-to-decide.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a person’s no rolls back; asked again, their yes promotes; then nothing is under way: confirm and abort are refused',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const toplevel = await flake.toplevel(host.name);
    const question = `${host.name} was tested and waits: keep the new system? [y/N] `;

    const no = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await no.untilShown(question);
    assert.equal((await host.facts()).running, toplevel);
    no.type('n\n');
    assert.deepEqual(told(await no.ended, host), {
      exit: 1,
      verdict: 'rolled-back',
      code: 'not-confirmed',
      reason: aborted,
    });
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);

    const yes = flurryOnTerminal(lease, ['--confirm', 'ask', host.name], { cwd: flake.directory });
    await yes.untilShown(question);
    yes.type('yes\n');
    const end = await yes.ended;
    assert.equal(end.code, 0, end.tail);
    assert.match(yes.screen(), /confirmed by you; the host says: confirmed/);
    assert.match(end.stdout, /^1 host promoted in /m);
    await assertRunsAndBoots(host, toplevel);
    await assertNothingLeft(host);

    for (const word of ['confirm', 'abort']) {
      assert.deepEqual(told(await flurry(lease, [word, host.name]), host), {
        exit: 1,
        verdict: 'refused',
        code: 'nothing-to-decide',
        reason: `no deployment is under way on ${host.name}, so there is nothing to ${word}`,
      });
    }
    await assertRunsAndBoots(host, toplevel);
  }),
);
