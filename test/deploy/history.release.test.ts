import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { everythingKept, keptDifferences } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

type HistoryRead = Extract<Event, { readonly event: 'history' }>;

test(
  'history tells what became of a deployment that was promoted, of one that put itself back and why, and of the rollback that took the first one back, and changes nothing (three transactions)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const base = lease.baseToplevel;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const cwd = flake.directory;
    const read = async (...words: readonly string[]): Promise<HistoryRead> => {
      const end = await flurry(lease, ['history', host.name, ...words], { cwd });
      assert.equal(end.code, 0, end.tail);
      const found = end.events.find((event): event is HistoryRead => event.event === 'history');
      assert.ok(found, end.tail);
      return found;
    };
    assert.deepEqual((await read()).deployments, []);

    const rev = await flake.git('rev-parse', 'HEAD');
    const first = await flake.toplevel(host.name);
    const deploy = await flurry(lease, [host.name], { cwd });
    assert.equal(deploy.code, 0, deploy.tail);
    await flake.change(
      host.name,
      `${service('own')} systemd.services.sick = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "/bin/false"; };
    };`,
    );
    const second = await flake.toplevel(host.name);
    const sick = await flurry(lease, [host.name], { cwd });
    assert.equal(sick.result(host.name).verdict, 'rolled-back', sick.tail);
    const rollback = await flurry(lease, ['rollback', host.name], { cwd });
    assert.equal(rollback.code, 0, rollback.tail);

    const before = await everythingKept(host);
    const { deployments } = await read();
    const told = deployments.map(({ verdict, from, to, takenBackBy, code, goal, open, release }) => {
      return { verdict, from, to, takenBackBy, code, goal, open, rev: release?.rev };
    });
    const common = { goal: 'promote', open: null, code: null, takenBackBy: null };
    assert.deepEqual(told, [
      { ...common, verdict: 'promoted', from: first, to: base, rev: undefined },
      { ...common, verdict: 'rolled-back', from: first, to: second, code: 'units-failed', rev: null },
      { ...common, verdict: 'promoted', from: base, to: first, takenBackBy: deployments[0]?.deployment, rev },
    ]);
    assert.match(deployments[1]?.reason ?? '', /sick\.service/);
    for (const { by, seconds, begun, ended } of deployments) {
      assert.match(by, /^[^@\s]+@[^@\s]+$/);
      assert.ok(seconds !== null && seconds > 0);
      assert.ok(ended !== null && Date.parse(begun) <= Date.parse(ended));
    }
    assert.deepEqual((await read('--last', '1')).deployments, deployments.slice(0, 1));

    const lines = await flurryLines(lease, ['history', host.name], { cwd });
    const rows = lines.stdout.split('\n');
    assert.equal(rows[0], `${host.name}: 3 deployments`);
    const verdicts = rows.filter((row) => /^\d{8}T/.test(row)).map((row) => row.split(/ {2,}/)[2]);
    assert.deepEqual(verdicts, ['✓ promoted', '! ROLLED BACK', '✓ promoted'], lines.tail);
    assert.ok(rows.includes(`    taken back by ${deployments[0]?.deployment}`), lines.tail);
    assert.deepEqual(keptDifferences(before, await everythingKept(host)), []);
  }),
);
