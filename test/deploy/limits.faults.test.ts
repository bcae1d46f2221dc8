import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedScript } from '../faults/shell-functions.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, heldBuild, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

// Others: self-check in bad-host-built, activation in bad-host-activated, the deadline to confirm in coordinator-killed,
// --rollback-timeout and --hold-window in way-back-fails.faults, --wait-lock in lock, connect and copy stall in test/ssh and
// test/nix.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a build that is not done within --build-timeout is ended by the host, with or without a coordinator; the host is not touched',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldBuild}` });
    const builderIsGone = '! systemctl is-active --quiet "flurry-build-*" && ! pgrep --full "toplevel[.]sh"';

    const killed = startFlurry(lease, ['-o', 'json', host.name, '--build-timeout', '10s'], { cwd: flake.directory });
    await host.waitUntil('the builder runs', 'pgrep --full "toplevel[.]sh"', 60_000);
    killed.kill('SIGKILL');
    await killed.ended;
    await host.inside('systemctl is-active --quiet "flurry-build-*"');
    await host.waitUntil('the host has ended the build', builderIsGone, 60_000);
    await assertRunsAndBoots(host, lease.baseToplevel);

    const run = await flurry(lease, [host.name, '--build-timeout', '2s'], { cwd: flake.directory });
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: run.code },
      {
        verdict: 'failed',
        code: 'build-timeout',
        reason: 'the build was not done within 2 s and was stopped',
        exit: 1,
      },
      run.tail,
    );
    await host.waitUntil('the builder has ended', builderIsGone, 30_000);
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);

test(
  'a unit that fails only once the activation has ended is caught within --settle: rolled back',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `systemd.services.late = {
        wantedBy = [ "multi-user.target" ];
        script = "until grep -qs verifying /run/flurry/*/state; do sleep 0.1; done; sleep 1; exit 1";
      };`,
    });
    const run = await flurry(lease, [host.name, '--settle', '4s'], { cwd: flake.directory });
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: run.code },
      {
        verdict: 'rolled-back',
        code: 'units-failed',
        reason:
          '1 unit failed under the new system: late.service; the host has put itself back and runs what it ran before',
        exit: 1,
      },
      run.tail,
    );
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

test(
  'a person who does not answer is waited for longer than --confirm-timeout and no longer than --confirm-cap: then the host puts itself back (waits 12 s for the cap)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const flags = ['--confirm', 'ask', '--confirm-timeout', '6s', '--confirm-cap', '12s'];
    const run = flurryOnTerminal(lease, [...flags, '-o', 'json', host.name], { cwd: flake.directory });
    const end = await run.ended;
    const { verdict, code, reason } = end.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, exit: end.code },
      {
        verdict: 'rolled-back',
        code: 'not-confirmed',
        reason:
          'the new system was not confirmed before the deadline of the host; the host has put itself back and runs what it ran before',
        exit: 1,
      },
      end.tail,
    );
    const over = 'decided already: its deadline has passed, it puts itself back';
    assert.ok(
      end.events.some((event) => event.event === 'note' && event.message === over),
      end.tail,
    );
    assert.match(run.screen(), /keep the new system\? \[y\/N\] /);
    await assertRunsAndBoots(host, lease.baseToplevel);
    const { seconds } = await untilEnded(host);
    assert.ok(seconds >= 12, `it waited ${seconds} s`);
  }),
);

test(
  'the cap is the host’s own: whoever goes on asking it to wait, with the coordinator gone, it puts itself back',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const flags = ['--confirm', 'ask', '--confirm-timeout', '5s', '--confirm-cap', '5s'];
    const run = flurryOnTerminal(lease, [...flags, '-o', 'json', host.name], { cwd: flake.directory });
    await host.waitUntil('it waits', 'ls /run/flurry/*/waiting', 90_000);
    run.kill('SIGKILL');
    const extend = [shippedScript('clock'), shippedScript('decide')].join('\n');
    const { stdout: id } = await host.inside('ls /run/flurry');
    const { bootId } = await host.facts();
    const day = '86400';
    await host.inside(extend, [id.trim(), bootId, host.machineId, 'extended', day]);
    const { verdict, facts } = await untilEnded(host);
    assert.deepEqual({ verdict, facts }, { verdict: 'rolled-back', facts: ['code not-confirmed', 'by deadline'] });
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);
