import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

// That units which fail under the new system roll it back is in bad-host-activated.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const failing = (name: string): string =>
  `systemd.services.${name} = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };`;

test(
  '--on-unit-failure warn promotes and says which units failed; what had failed before is not held against the next system, be it with --allow-degraded or --ignore-unit (four deployments: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${failing('broken')} ${failing('other')}`,
      allowed: `${failing('broken')} ${failing('other')} ${service('one')}`,
      ignored: `${failing('broken')} ${failing('other')} ${service('two')}`,
    });
    const warned = await flurryLines(lease, [host.name, '--on-unit-failure', 'warn'], { cwd: flake.directory });
    assert.equal(warned.code, 0, warned.tail);
    const warning = 'warning: failed under the new system, and let pass as asked: broken.service, other.service';
    assert.ok(warned.stderr.includes(warning), warned.tail);
    await assertPromotedWith(host, await flake.toplevel(host.name), ['broken.service', 'other.service']);

    const refused = await flurry(lease, [`${host.name}/allowed`], { cwd: flake.directory });
    assert.deepEqual([refused.result(host.name).code, refused.code], ['degraded', 1], refused.tail);

    for (const [configuration, ...flags] of [
      ['allowed', '--allow-degraded'],
      ['ignored', '--ignore-unit', 'broken.service', '--ignore-unit', 'other.service'],
    ] as const) {
      const run = await flurry(lease, [`${host.name}/${configuration}`, ...flags], { cwd: flake.directory });
      const { verdict, reason } = run.result(host.name);
      assert.deepEqual([verdict, reason, run.code], ['promoted', 'runs and boots it', 0], run.tail);
      await assertPromotedWith(host, await flake.toplevel(configuration), ['broken.service', 'other.service']);
    }
    await assertNothingLeft(host);
  }),
);

test(
  'an activation that fails as a whole (exit 1) rolls back even with --on-unit-failure warn; --ignore-unit lets one unit pass that fails only under the new system, and no other',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')} system.preSwitchChecks.no = ''[ "$2" != test ] || { echo not today >&2; exit 1; }'';`,
      ignored: `${service('own')} ${failing('ignored')}`,
      both: `${service('own')} ${failing('ignored')} ${failing('broken')}`,
    });
    const isBack = 'the host has put itself back and runs what it ran before';

    const whole = await flurry(lease, [host.name, '--on-unit-failure', 'warn'], { cwd: flake.directory });
    assert.deepEqual(
      told(whole.result(host.name), whole.code),
      {
        verdict: 'rolled-back',
        code: 'activation-failed',
        reason: `the activation failed with exit code 1: Pre-switch check 'no' failed; ${isBack}`,
        exit: 1,
      },
      whole.tail,
    );
    await assertRunsAndBoots(host, lease.baseToplevel);

    const both = await flurry(lease, [`${host.name}/both`, '--ignore-unit', 'ignored.service'], {
      cwd: flake.directory,
    });
    assert.deepEqual(
      told(both.result(host.name), both.code),
      {
        verdict: 'rolled-back',
        code: 'units-failed',
        reason: `1 unit failed under the new system: broken.service; ${isBack}`,
        exit: 1,
      },
      both.tail,
    );
    await assertRunsAndBoots(host, lease.baseToplevel);

    const flags = ['--ignore-unit', 'ignored.service'];
    const ignored = await flurry(lease, [`${host.name}/ignored`, ...flags], { cwd: flake.directory });
    assert.deepEqual(
      told(ignored.result(host.name), ignored.code),
      { verdict: 'promoted', code: null, reason: 'runs and boots it', exit: 0 },
      ignored.tail,
    );
    await assertPromotedWith(host, await flake.toplevel('ignored'), ['ignored.service']);
    await assertNothingLeft(host);
  }),
);

function told(
  { verdict, code, reason }: { verdict: string; code: string | null; reason: string },
  exit: number | null,
) {
  return { verdict, code, reason, exit };
}

async function assertPromotedWith(host: HostHandle, toplevel: string, failed: readonly string[]): Promise<void> {
  const { running, profile, bootDefault, failedUnits } = await host.facts();
  assert.deepEqual(
    { running, profile, bootDefault, failedUnits: [...failedUnits].sort() },
    { running: toplevel, profile: toplevel, bootDefault: toplevel, failedUnits: failed },
  );
}
