import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertUntouched } from './host-claims.ts';
import { assertNothingExecuted } from './nothing-executed.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a path below the new system with spaces, quotes and $() is taken literally',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const odd = `checks/it's "my" $(touch pwned)`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const missing = await flurry(lease, [host.name, '--pre-activate-script', odd], { cwd: flake.directory });
    const { verdict, code, reason } = missing.result(host.name);
    assert.deepEqual(
      { verdict, code, reason },
      {
        verdict: 'refused',
        code: 'self-check-missing',
        reason: `the new system of ${host.name} has no self-check at ${odd}; the system of the host was not changed`,
      },
      missing.tail,
    );
    await assertUntouched(host, lease.baseToplevel);
    await flake.change(
      host.name,
      `system.extraSystemBuilderCmds = ''
        mkdir $out/checks
        printf '#!/bin/sh\\necho the odd check ran\\n' >"$out/checks/it's \\"my\\" \\$(touch pwned)"
        chmod +x $out/checks/*
      '';`,
    );
    const there = await flurry(lease, [host.name, '--pre-activate-script', odd], { cwd: flake.directory });
    assert.equal(there.result(host.name).verdict, 'promoted', there.tail);
    assert.ok(there.events.some((event) => event.event === 'log' && event.line === 'the odd check ran'));
    await assertNothingExecuted(lease, flake);
  }),
);

test(
  'the command offered for failed units works as it is pasted into a shell, whatever they are called',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const units = ['-dash.service', 'a\\x20b\\x24\\x28touch\\x20pwned\\x29.service', 'at@it\\x27s.service'];
    for (const name of units) await host.inside('systemd-run --quiet --unit="$1" false', [name]);
    await host.waitUntil('they failed', `test "$(systemctl list-units --failed --quiet | wc -l)" = 3`, 10_000);
    const refused = await flurry(lease, [host.name], { cwd: flake.directory });
    const command = refused
      .result(host.name)
      .remedy?.split('\n')
      .find((line) => line.includes('--ignore-unit'));
    assert.ok(command, refused.tail);
    const { stdout } = await program('sh', ['-c', `flurry() { printf '%s\\n' "$@"; }; ${command}`]);
    const pasted = await flurry(lease, stdout.trimEnd().split('\n'), { cwd: flake.directory, bare: true });
    assert.deepEqual([pasted.code, pasted.result(host.name).verdict], [0, 'promoted'], pasted.tail);
    await assertNothingExecuted(lease, flake);
  }),
);
