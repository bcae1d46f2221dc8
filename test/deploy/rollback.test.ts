import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

/** How each host of a run ended, in few words. */
function verdictOf(run: FlurryEnd, host: HostHandle): string {
  const { verdict, code } = run.result(host.name);
  return [run.code, verdict, ...(code === null ? [] : [code])].join(' ');
}

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

test(
  'two hosts go back together to a revision, and without one neither is touched',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const names = [one.name, two.name];
    const own = (version: string) => Object.fromEntries(names.map((name) => [name, service('own', version)]));
    const flake = await flakeFixture(lease.directory, own('a'));
    const revA = await flake.git('rev-parse', 'HEAD');
    const [a1, a2] = [await flake.toplevel(one.name), await flake.toplevel(two.name)];
    await flurry(lease, names, { cwd: flake.directory });
    for (const [name, module] of Object.entries(own('b'))) await flake.change(name, module);
    await flake.commit();
    const second = await flurry(lease, names, { cwd: flake.directory });
    assert.deepEqual([verdictOf(second, one), verdictOf(second, two)], ['0 promoted', '0 promoted'], second.tail);

    const unnamed = await flurry(lease, ['rollback', ...names]);
    assert.equal(unnamed.code, 2, unnamed.tail);
    assert.match(unnamed.stderr, /several hosts go back together only to a revision: add --to-rev REV/);
    await assertRunsAndBoots(one, await flake.toplevel(one.name));

    const unknown = await flurry(lease, ['rollback', one.name, '--to-rev', '0'.repeat(40)]);
    assert.equal(verdictOf(unknown, one), '1 refused no-such-revision', unknown.tail);

    const back = await flurry(lease, ['rollback', ...names, '--to-rev', revA.slice(0, 8)]);
    assert.deepEqual([verdictOf(back, one), verdictOf(back, two)], ['0 promoted', '0 promoted'], back.tail);
    assert.deepEqual([back.result(one.name).rev, back.result(two.name).rev], [revA, revA]);
    await assertRunsAndBoots(one, a1);
    await assertRunsAndBoots(two, a2);
  }),
);

test(
  'an earlier system that is not well any more: the host puts itself back to what it ran',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const needy = `systemd.services.needy = {
      wantedBy = [ "multi-user.target" ];
      script = "[ -e /var/lib/wanted ] || exit 1; exec sleep infinity";
    };`;
    const flake = await flakeFixture(lease.directory, { [host.name]: needy });
    await host.inside('touch /var/lib/wanted');
    await flurry(lease, [host.name], { cwd: flake.directory });
    await flake.change(host.name, service('own'));
    const second = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(verdictOf(second, host), '0 promoted', second.tail);
    await host.inside('rm /var/lib/wanted');

    const back = await flurry(lease, ['rollback', host.name]);
    assert.equal(verdictOf(back, host), '1 rolled-back units-failed', back.tail);
    assert.match(back.result(host.name).reason, /^1 unit failed under the new system: needy\.service; /);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await assertNothingLeft(host);
  }),
);

test(
  'a host without a history, and one that was switched by hand since, are refused; a generation can be named',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const fresh = await flurry(lease, ['rollback', host.name]);
    assert.equal(verdictOf(fresh, host), '1 refused nothing-to-roll-back-to', fresh.tail);
    await assertUntouched(host, lease.baseToplevel);

    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const a = await flake.toplevel(host.name);
    await flurry(lease, [host.name], { cwd: flake.directory });
    await host.inside('"$1/bin/switch-to-configuration" test', [lease.baseToplevel]);
    const switched = await flurry(lease, ['rollback', host.name]);
    assert.equal(verdictOf(switched, host), '1 refused not-what-was-promoted', switched.tail);
    const { reason, remedy } = switched.result(host.name);
    assert.ok(reason.includes(` runs ${lease.baseToplevel}, but its last promoted deployment (`), reason);
    assert.ok(reason.includes(`) brought ${a}: `), reason);
    assert.match(remedy ?? '', /what its generations 1 and 2 are:/);
    assert.match(remedy ?? '', /^ {2}flurry rollback \S+ .* --to 1$/m);
    const { running, bootDefault } = await host.facts();
    assert.deepEqual({ running, bootDefault }, { running: lease.baseToplevel, bootDefault: a });

    const roll = (number: string) => flurry(lease, ['rollback', host.name, '--to', number]);
    const none = await roll('99');
    assert.equal(verdictOf(none, host), '1 refused no-such-generation', none.tail);
    assert.equal(none.result(host.name).reason, `${host.name} has no generation 99; it has generations 1 and 2`);
    const second = await roll('2');
    assert.equal(verdictOf(second, host), '0 promoted', second.tail);
    await assertRunsAndBoots(host, a);
    const first = await roll('1');
    assert.equal(verdictOf(first, host), '0 promoted', first.tail);
    await assertRunsAndBoots(host, lease.baseToplevel);
    const again = await roll('1');
    assert.equal(verdictOf(again, host), '0 unchanged', again.tail);
  }),
);
