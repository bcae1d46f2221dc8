import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { aborted, told } from './asked-to-decide.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched, untilEnded } from './host-claims.ts';
import { type RunningFlurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'SIGINT once: during the build that is cancelled on the host, which is not touched; while the new system is tested the host puts itself back; while it is promoted that is awaited; each time the verdict is told, and exit 130',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    const start = (): RunningFlurry => startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });

    await holdAt(host, 'build');
    const building = start();
    await untilHeldAt(host, 'build');
    building.kill('SIGINT');
    const unbuilt = await building.ended;
    assert.deepEqual(told(unbuilt, host), {
      exit: 130,
      verdict: 'failed',
      code: 'interrupted',
      reason: 'interrupted by SIGINT; the system of the host was not changed',
    });
    await host.inside('! systemctl is-active --quiet "flurry-build-*"');
    await host.waitUntil('the builder has ended', '! pgrep --full "toplevel[.]sh"', 30_000);
    await assertUntouched(host, lease.baseToplevel);
    await letGo(host, 'build');

    await holdAt(host, 'activation');
    const testing = start();
    await untilHeldAt(host, 'activation');
    testing.kill('SIGINT');
    await testing.until(
      'the host is asked',
      (event) => event.event === 'note' && event.message.startsWith('interrupted'),
    );
    await host.waitUntil('the host knows', 'ls /run/flurry/*/abort-wanted', 30_000);
    await host.inside('systemctl is-active --quiet "flurry-test-*"');
    await letGo(host, 'activation');
    const back = { exit: 130, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
    assert.deepEqual(told(await testing.ended, host), back);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);

    await holdAt(host, 'loader');
    const promoting = start();
    await untilHeldAt(host, 'loader');
    promoting.kill('SIGINT');
    const tooLate = 'too late: it was confirmed and is promoting; its verdict is awaited';
    await promoting.until('it is told', (event) => event.event === 'note' && event.message === tooLate);
    await letGo(host, 'loader');
    const promoted = { exit: 130, verdict: 'promoted', code: null, reason: 'runs and boots it' };
    assert.deepEqual(told(await promoting.ended, host), promoted);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
  }),
);

test(
  'SIGINT twice: flurry leaves at once with 130 and tells how to join again and to stop what goes on; what it tells to type works',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    const run = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    run.kill('SIGINT');
    await run.until('the first is told', (event) => event.event === 'note' && event.message.startsWith('interrupted'));
    run.kill('SIGINT');
    const end = await run.ended;
    assert.equal(end.code, 130, end.tail);
    assert.ok(
      end.stderr.endsWith(`
flurry: SIGINT once more: left at once; what is under way on a host goes on there, and unconfirmed it puts itself back
  to join it again, and see how it ends:
    flurry attach ${host.name} --ssh-config ${lease.sshConfig}
  to stop it:
    flurry abort ${host.name} --ssh-config ${lease.sshConfig}
`),
      end.tail,
    );
    assert.equal(end.events.at(-1)?.event === 'result', false, 'it did not wait for the verdict');
    await host.inside('systemctl is-active --quiet "flurry-test-*"');

    const attached = startFlurry(lease, ['-o', 'json', 'attach', host.name, '--ssh-config', lease.sshConfig]);
    await attached.until('it is joined', (event) => event.event === 'phase-started' && event.phase === 'test');
    const abort = startFlurry(lease, ['-o', 'json', 'abort', host.name, '--ssh-config', lease.sshConfig]);
    await abort.until('it is accepted', (event) => event.event === 'note' && event.message.startsWith('accepted'));
    await letGo(host, 'activation');
    for (const run of [abort, attached]) {
      const back = { exit: 1, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
      assert.deepEqual(told(await run.ended, host), back);
    }
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

test(
  'SIGHUP: flurry leaves at once and says nothing to the host, which puts itself back when nobody confirms',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    const words = ['-o', 'json', host.name, '--confirm-timeout', '3s'];
    const run = startFlurry(lease, words, { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    run.kill('SIGHUP');
    const end = await run.ended;
    assert.deepEqual([end.code, end.signal], [null, 'SIGHUP'], end.tail);
    await host.inside('systemctl is-active --quiet "flurry-test-*" && ! ls /run/flurry/*/abort-wanted');
    await letGo(host, 'activation');
    const { verdict, facts } = await untilEnded(host);
    assert.deepEqual({ verdict, facts }, { verdict: 'rolled-back', facts: ['code not-confirmed', 'by deadline'] });
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);
