import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  '--ask shows the plan and asks: no leaves the host as it was, exit 1; yes does what was shown, and builds nothing again',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const question = `Do that to ${host.name}? [y/N] `;
    const asked = async (answer: string) => {
      const run = flurryOnTerminal(lease, [host.name, '-a', '-o', 'json'], { cwd: flake.directory });
      await run.untilShown(question);
      run.type(`${answer}\n`);
      return await run.ended;
    };

    const no = await asked('n');
    const { verdict, code, reason } = no.result(host.name);
    assert.deepEqual(
      [verdict, code, reason, no.code],
      ['refused', 'declined', 'you said no to what would be done; the system of the host was not changed', 1],
    );
    assert.equal((await host.facts()).running, lease.baseToplevel);
    await host.inside('! test -e /var/lib/flurry');
    await assertNothingLeft(host);

    const yes = await asked('y');
    const builds = yes.events.filter((event) => event.event === 'phase-started' && event.phase === 'build');
    const [plan] = yes.events.flatMap((event) => (event.event === 'plan' ? [event] : []));
    assert.deepEqual([yes.result(host.name).verdict, yes.code, builds.length], ['promoted', 0, 1], yes.tail);
    assert.equal((await host.facts()).running, plan?.toplevel);

    const run = flurryOnTerminal(lease, [host.name, '--ask'], { cwd: flake.directory });
    assert.equal((await run.ended).code, 0);
    assert.ok(!run.screen().includes('[y/N]'), 'nobody is asked where nothing would change');
  }),
);

test(
  '--ask without a terminal is exit 2 before any host is touched, and --yes says yes beforehand',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const how = { cwd: flake.directory, environment: { FLURRY_ASK: '1' } };
    const refused = await flurryLines(lease, [host.name], how);
    assert.deepEqual(
      [refused.code, refused.stderr],
      [
        2,
        'flurry: FLURRY_ASK must be given where there is a terminal to ask at (standard input and standard error), found "no terminal"\n  flurry plan only tells what would be done; --yes says yes beforehand\n',
      ],
    );
    const said = await flurryLines(lease, [host.name, '--yes'], how);
    assert.equal(said.code, 0, said.tail);
  }),
);
