import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';
import { verdictOf } from './verdict-of.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'somebody deploys after a rollback has found out where to go: it waits, keeps that system from being collected as garbage, and then touches nothing any more',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const names = [one.name, two.name];
    const module = (version: string) => `${service('own', version)} ${heldOnTheWay}`;
    const flake = await flakeFixture(lease.directory, { [one.name]: module('a'), [two.name]: module('a') });
    const revA = await flake.git('rev-parse', 'HEAD');
    const wanted = new Map<string, string>();
    for (const name of names) wanted.set(name, await flake.toplevel(name));
    const first = await flurry(lease, names, { cwd: flake.directory });
    assert.equal(first.code, 0, first.tail);
    for (const name of names) await flake.change(name, module('b'));
    await flake.commit();
    const second = await flurry(lease, names, { cwd: flake.directory });
    assert.equal(second.code, 0, second.tail);

    await Promise.all([holdAt(one, 'activation'), holdAt(two, 'activation')]);
    // One at a time: the second has been looked at, and waits for its turn.
    const argv = ['rollback', ...names, '--to-rev', revA, '--parallel', '1', '--wait-lock', '60s'];
    const back = startFlurry(lease, ['-o', 'json', ...argv]);
    const goesTo = (name: string) =>
      back.until('it is known where it goes', (event) => event.event === 'note' && event.host === name);
    await Promise.all(names.map(goesTo));
    const held = await Promise.race([one, two].map((host) => untilHeldAt(host, 'activation').then(() => host)));
    const other = held === one ? two : one;

    await flake.change(other.name, module('c'));
    await flake.commit();
    const deploy = startFlurry(lease, ['-o', 'json', other.name], { cwd: flake.directory });
    await untilHeldAt(other, 'activation');
    await letGo(held, 'activation');
    await back.until(
      'it waits for the deployment',
      (event) => event.event === 'note' && event.host === other.name && event.message.startsWith('waiting for '),
    );
    // Generation 2 is what the rollback wants; nothing but its own root holds it now.
    await other.inside('nix-env --profile /nix/var/nix/profiles/system --delete-generations 2');
    await other.inside('NIX_REMOTE=local nix-store --gc && nix-store --check-validity "$1"', [
      wanted.get(other.name) ?? '',
    ]);
    await letGo(other, 'activation');

    const deployed = await deploy.ended;
    assert.equal(deployed.result(other.name).verdict, 'promoted', deployed.tail);
    const end = await back.ended;
    assert.equal(end.result(held.name).verdict, 'promoted', end.tail);
    const { verdict, code } = end.result(other.name);
    assert.deepEqual([verdict, code, end.code], ['refused', 'changed-by-someone-else', 1], end.tail);
    await assertRunsAndBoots(other, await flake.toplevel(other.name));
    await assertNothingLeft(other);
  }),
);

test(
  'an earlier system that is in no generation any more is brought back, and then only its new generation holds it',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own', 'a') });
    const a = await flake.toplevel(host.name);
    await flurry(lease, [host.name], { cwd: flake.directory });
    await flake.change(host.name, service('own', 'b'));
    const second = await flurry(lease, [host.name], { cwd: flake.directory });
    assert.equal(second.code, 0, second.tail);
    await host.inside('nix-env --profile /nix/var/nix/profiles/system --delete-generations 2');

    const back = await flurry(lease, ['rollback', host.name]);
    assert.equal(back.result(host.name).verdict, 'promoted', back.tail);
    assert.match(back.stdout, /goes to a system in no generation: revision /);
    await assertRunsAndBoots(host, a);
    await assertNothingLeft(host);
    const { stdout } = await host.inside('find /nix/var/nix/gcroots/auto -lname "/run/flurry/*"');
    assert.equal(stdout, '');

    // What ran in between was of a dirty tree.
    const forth = await flurry(lease, ['rollback', host.name]);
    assert.match(forth.stdout, /goes to generation 3: no revision, deployed /);
    assert.deepEqual([forth.result(host.name).verdict, forth.result(host.name).rev], ['promoted', null], forth.tail);
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
