import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { everythingKept, keptDifferences } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'check tells a healthy host from a degraded and a dead one, in lines and in JSON, and changes nothing on any',
  options,
  withHosts(3, async (lease) => {
    const [well, degraded, dead] = lease.hosts;
    assert.ok(well && degraded && dead);
    await degraded.inside('systemd-run --quiet --unit=broken-before false');
    await degraded.waitUntil('the unit failed', 'systemctl is-failed --quiet broken-before.service', 10_000);
    await dead.hardStop();
    await dead.loss(100);
    const base = lease.baseToplevel;
    // A login itself leaves traces, once: the host has seen one before the first listing.
    await flurry(lease, ['check', well.name, degraded.name]);
    const before = await Promise.all([well, degraded].map(everythingKept));

    const json = await flurry(lease, ['check', well.name, degraded.name, dead.name, '--connect-timeout', '1s']);
    assert.equal(json.code, 1);
    const told = [well, degraded].map(({ name }) => {
      const { host, verdict, code, reason, running, bootDefault, rev } = json.result(name);
      return { host, verdict, code, reason, running, bootDefault, rev };
    });
    const seen = { running: base, bootDefault: base, rev: null };
    assert.deepEqual(told, [
      { host: well.name, verdict: 'healthy', code: null, reason: 'systemd says running', ...seen },
      {
        host: degraded.name,
        verdict: 'unhealthy',
        code: 'degraded',
        reason: '1 unit failed on the host before anything was done: broken-before.service',
        ...seen,
      },
    ]);
    const { seconds: _, remedy: __, ...gone } = json.result(dead.name);
    assert.deepEqual(gone, {
      host: dead.name,
      verdict: 'unreachable',
      code: 'connect-timeout',
      reason: `no answer from ${dead.address} port 22 within 1 s (3 tries)`,
      running: null,
      bootDefault: null,
      rev: null,
    });

    const lines = await flurryLines(lease, ['check', well.name, degraded.name, dead.name, '--connect-timeout', '1s']);
    assert.equal(lines.code, 1);
    const rows = lines.stdout
      .split('\n')
      .slice(0, 4)
      .map((row) => row.split(/ {2,}/).slice(0, 2).join(' '));
    assert.deepEqual(rows, [
      'host verdict',
      `${well.name} ✓ healthy`,
      `${degraded.name} ✗ unhealthy`,
      `${dead.name} ✗ unreachable`,
    ]);
    assert.match(lines.stdout, /^ {4}ssh -F \S+ \S+ systemctl status --no-pager broken-before\.service$/m);

    const after = await Promise.all([well, degraded].map(everythingKept));
    assert.deepEqual(
      after.map((lines, index) => keptDifferences(before[index] ?? [], lines)),
      [[], []],
    );
    const { sshAccepted } = await well.facts();
    assert.equal(sshAccepted, 3, 'one connection for each check');
  }),
);

test(
  'check --ignore-unit and --allow-degraded make a degraded host healthy, and say so',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await host.inside('systemd-run --quiet --unit=broken-before false');
    await host.waitUntil('the unit failed', 'systemctl is-failed --quiet broken-before.service', 10_000);
    for (const flags of [['--ignore-unit', 'broken-before.service'], ['--allow-degraded']]) {
      const { code, result, tail } = await flurry(lease, ['check', host.name, ...flags]);
      const { verdict, reason } = result(host.name);
      assert.deepEqual(
        { code, verdict, reason },
        { code: 0, verdict: 'healthy', reason: 'degraded, as allowed: broken-before.service' },
        tail,
      );
    }
    const other = await flurry(lease, ['check', host.name, '--ignore-unit', 'another.service']);
    assert.deepEqual([other.code, other.result(host.name).verdict], [1, 'unhealthy']);
  }),
);
