import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';
import { verdictOf } from './verdict-of.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'a rollback brings back what the last promotion replaced, and the next one goes forth again',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own', 'a') });
    const roll = () => flurry(lease, ['rollback', host.name]);
    const revA = await flake.git('rev-parse', 'HEAD');
    const a = await flake.toplevel(host.name);
    assert.equal(verdictOf(await flurry(lease, [host.name], { cwd: flake.directory }), host), '0 promoted');
    await flake.change(host.name, service('own', 'b'));
    const revB = await flake.commit();
    const b = await flake.toplevel(host.name);
    assert.equal(verdictOf(await flurry(lease, [host.name], { cwd: flake.directory }), host), '0 promoted');

    const back = await roll();
    assert.equal(verdictOf(back, host), '0 promoted', back.tail);
    await assertRunsAndBoots(host, a);
    const { running, bootDefault, rev } = back.result(host.name);
    assert.deepEqual({ running, bootDefault, rev }, { running: a, bootDefault: a, rev: revA });
    const [started] = back.events;
    assert.ok(started?.event === 'run-started');
    assert.deepEqual(
      [started.verb, started.goal, started.aim, started.flake],
      ['rollback', 'promote', { kind: 'replaced' }, null],
    );
    const notes = back.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
    const goesTo = new RegExp(
      `^goes to generation 2: revision ${revA.slice(0, 12)}, deployed \\S+Z by \\S+@\\S+ \\(${a}\\)$`,
    );
    assert.match(notes.join('\n'), goesTo);
    const { stdout: history } = await host.inside('tail -n 2 /var/lib/flurry/history.jsonl');
    const [begun, ended] = history
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([begun.old, begun.new, begun.goal, begun.release.rev], [b, a, 'promote', revA]);
    assert.deepEqual([ended.id, ended.verdict], [begun.id, 'promoted']);
    await assertNothingLeft(host);

    const forth = await roll();
    assert.deepEqual([verdictOf(forth, host), forth.result(host.name).rev], ['0 promoted', revB], forth.tail);
    await assertRunsAndBoots(host, b);
  }),
);
