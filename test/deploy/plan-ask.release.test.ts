import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, flurryLines } from './run-flurry.ts';

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
  'a question that was open for hours: a yes does what was shown though another run took the folder for left behind; what was changed or collected meanwhile is told, and the host left alone (three runs, over 20 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name } = host;
    const flake = await flakeFixture(lease.directory, { [name]: service('own') });
    const question = `Do that to ${name}? [y/N] `;
    // The plan was shown; while the person is away, others do this to the host.
    const answeredLate = async (meanwhile: (toplevel: string) => Promise<void>) => {
      const run = flurryOnTerminal(lease, [name, '-a', '-o', 'json'], { cwd: flake.directory });
      await run.untilShown(question);
      await host.inside('touch --date="4 hours ago" /run/flurry/*');
      await meanwhile(await flake.toplevel(name));
      run.type('y\n');
      return await run.ended;
    };
    const other = await flakeFixture(lease.directory, { [name]: service('other') }, { name: 'other' });
    const byOther = async (...words: readonly string[]) => {
      const end = await flurry(lease, [name, ...words], { cwd: other.directory });
      assert.equal(end.code, 0, end.tail);
    };
    const clearedAway = async () => {
      await byOther('--goal', 'build');
      await host.inside('! test -e /run/flurry');
    };

    const collected = await answeredLate(async (toplevel) => {
      await clearedAway();
      await host.inside('rm -f /nix/var/nix/gcroots/auto/*; nix-store --delete "$1"', [toplevel]);
    });
    const gone = collected.result(name);
    assert.deepEqual([gone.verdict, gone.code, collected.code], ['failed', 'host-script-failed', 1], collected.tail);
    assert.match(gone.reason ?? '', /^"the root of the system that is to run" failed on the host with exit code 1/);
    await assertUntouched(host, lease.baseToplevel);

    const kept = await answeredLate(clearedAway);
    assert.equal(kept.result(name).verdict, 'promoted', kept.tail);
    await assertRunsAndBoots(host, await flake.toplevel(name));
    await assertNothingLeft(host);

    await flake.change(name, service('own', '2'));
    const overtaken = await answeredLate(() => byOther());
    const { verdict, code } = overtaken.result(name);
    assert.deepEqual([verdict, code, overtaken.code], ['refused', 'changed-by-someone-else', 1], overtaken.tail);
    await assertRunsAndBoots(host, await other.toplevel(name));
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
