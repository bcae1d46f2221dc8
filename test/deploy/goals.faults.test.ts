import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../src/core/verdict.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

interface Goal {
  readonly title: string;
  readonly flags: readonly string[];
  readonly verdict: Verdict;
  readonly reason: (toplevel: string) => string;
  readonly runs: 'old' | 'new';
  readonly boots: 'old' | 'new';
  readonly afterReboot: 'old' | 'new';
  readonly ownService: 'active' | 'inactive';
}

const goals: readonly Goal[] = [
  {
    title: 'goal build: the host has the new system in its store, and runs and boots the old one',
    flags: ['--goal', 'build'],
    verdict: 'built',
    reason: (toplevel) => `built ${toplevel}`,
    runs: 'old',
    boots: 'old',
    afterReboot: 'old',
    ownService: 'inactive',
  },
  {
    title: 'goal dry-activate: the host tells what would be done, and runs and boots the old system',
    flags: ['--goal', 'dry-activate'],
    verdict: 'previewed',
    reason: () => 'previewed: nothing was changed',
    runs: 'old',
    boots: 'old',
    afterReboot: 'old',
    ownService: 'inactive',
  },
  {
    title: 'goal test: the host runs the new system and boots the old one, which a reboot brings back',
    flags: ['--goal', 'test'],
    verdict: 'tested',
    reason: () => 'runs it; boots what it booted before',
    runs: 'new',
    boots: 'old',
    afterReboot: 'old',
    ownService: 'active',
  },
  {
    title: 'goal boot: the host runs the old system and boots the new one, which a reboot brings up',
    flags: ['--goal', 'boot'],
    verdict: 'staged',
    reason: () => 'boots it next, untested: it will first run then, with no net under it',
    runs: 'old',
    boots: 'new',
    afterReboot: 'new',
    ownService: 'inactive',
  },
  {
    title: 'goal switch is goal promote: the host runs and boots the new system, also after a reboot',
    flags: ['--goal', 'switch'],
    verdict: 'promoted',
    reason: () => 'runs and boots it',
    runs: 'new',
    boots: 'new',
    afterReboot: 'new',
    ownService: 'active',
  },
];

for (const goal of goals) {
  test(
    goal.title,
    options,
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const flake = await flakeFixture(lease.directory, {
        [host.name]: `${service('own')} environment.etc."who".text = "new";`,
      });
      const toplevel = await flake.toplevel(host.name);
      const system = { old: lease.baseToplevel, new: toplevel };

      const run = await flurry(lease, [host.name, ...goal.flags], { cwd: flake.directory });
      const { verdict, code, reason, running, bootDefault } = run.result(host.name);
      assert.deepEqual(
        { verdict, code, reason, running, bootDefault },
        {
          verdict: goal.verdict,
          code: null,
          reason: goal.reason(toplevel),
          running: system[goal.runs],
          bootDefault: system[goal.boots],
        },
        run.tail,
      );
      assert.equal(run.code, 0);
      const found = await host.facts();
      assert.deepEqual(
        { running: found.running, bootDefault: found.bootDefault, profile: found.profile },
        { running: system[goal.runs], bootDefault: system[goal.boots], profile: system[goal.boots] },
      );
      await assertNothingLeft(host);
      await host.inside('nix-store --check-validity "$1"', [toplevel]);
      const { stdout } = await host.inside('systemctl is-active own.service || true');
      assert.equal(stdout.trim(), goal.ownService);
      if (goal.verdict === 'previewed') {
        const lines = run.events.flatMap((event) =>
          event.event === 'log' && event.phase === 'preview' ? event.line : [],
        );
        assert.ok(
          lines.some((line) => /would/.test(line)),
          lines.join('\n'),
        );
      }

      await host.reboot();
      assert.equal((await host.facts()).running, system[goal.afterReboot]);
    }),
  );
}

test(
  'a host that was tested is promoted by the next run, and then unchanged',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const verdicts: string[] = [];
    for (const flags of [['--goal', 'test'], [], []]) {
      const run = await flurry(lease, [host.name, ...flags], { cwd: flake.directory });
      verdicts.push(`${run.result(host.name).verdict} ${run.code}`);
    }
    assert.deepEqual(verdicts, ['tested 0', 'promoted 0', 'unchanged 0']);
    assert.equal((await host.facts()).bootDefault, await flake.toplevel(host.name));
  }),
);
