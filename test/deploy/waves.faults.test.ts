import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { behindJumpHost } from './behind-jump-host.ts';
import { courseOf, endsOf } from './course-of.ts';
import { service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, flurryLines } from './run-flurry.ts';
import { flakeOf } from './together-or-not.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 6 -- …' };

test(
  'where all must be in reach, a host of a later wave is dialled, let go, and dialled again when it starts',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const flake = await flakeOf(lease, [service('own'), service('own')]);
    const words = [one.name, two.name, '--waves', '1,100%', '--unreachable', 'stop'];
    const run = await flurry(lease, words, { cwd: flake.directory });
    assert.equal(run.code, 0, run.tail);
    const course = courseOf(run);
    assert.deepEqual(
      course.slice(0, 2).toSorted(),
      [`${one.name} is contacted`, `${two.name} is contacted`].toSorted(),
    );
    assert.deepEqual(course.slice(2), [
      ...[`wave 1: ${one.name}`, `${one.name} promoted`, 'wave 1 is over'],
      ...[`wave 2: ${two.name}`, `${two.name} is contacted`, `${two.name} promoted`, 'wave 2 is over'],
    ]);
  }),
);

test(
  '--ask shows the waves of the whole plan, asks once before any host is changed, and then goes on wave by wave',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const flake = await flakeOf(lease, [service('own'), service('own')]);
    const words = [one.name, two.name, '--waves', '1,100%', '--ask', '-o', 'json'];
    const run = flurryOnTerminal(lease, words, { cwd: flake.directory });
    await run.untilShown('Do that to these 2 hosts? [y/N] ');
    for (const host of [one, two]) await host.inside('! test -e /var/lib/flurry');
    run.type('y\n');
    const end = await run.ended;
    assert.equal(end.code, 0, end.tail);
    const builds = end.events.filter((event) => event.event === 'phase-started' && event.phase === 'build');
    assert.equal(builds.length, 2);
    const changes = end.events.flatMap((event) => {
      if (event.event === 'phase-started' && event.phase === 'gate') return [`${event.host} is changed`];
      return event.event === 'wave-started' ? [`wave ${event.wave}`] : event.event === 'verdict' ? [event.host] : [];
    });
    assert.deepEqual(changes, [
      ...['wave 1', `${one.name} is changed`, one.name],
      ...['wave 2', `${two.name} is changed`, two.name],
    ]);
  }),
);

test(
  'a jump host of the first wave reboots, although a host of the second was planned through it and waits for its turn; that is found again (a reboot: over 20 s)',
  options,
  withHosts(2, async (lease) => {
    const [bastion, behind] = lease.hosts;
    assert.ok(bastion && behind);
    const flake = await flakeOf(lease, [`${service('own')} shaped.kernelVersion = "6.18.1";`, service('own')]);
    const environment = await behindJumpHost(lease, bastion, [behind.name]);
    const words = [bastion.name, behind.name, '--waves', '1,100%', '--reboot', 'if-needed', '--ask', '-o', 'json'];
    const run = flurryOnTerminal(lease, words, { cwd: flake.directory, environment });
    await run.untilShown('Do that to these 2 hosts? [y/N] ');
    const { bootId } = await bastion.facts();
    run.type('y\n');
    const end = await run.ended;
    assert.deepEqual(endsOf(end), [`${bastion.name} promoted null`, `${behind.name} promoted null`], end.tail);
    assert.notEqual((await bastion.facts()).bootId, bootId);
    for (const host of [bastion, behind]) await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

test(
  'a plan says who would go when and contacts all at once; a rollback goes in waves as a deployment does (two deployments before: over 20 s)',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const flake = await flakeOf(lease, [service('own'), service('own')]);
    const waves = ['--waves', '1,100%'];
    const plan = await flurryLines(lease, ['plan', one.name, two.name, ...waves], { cwd: flake.directory });
    const order = `\n→ in 2 waves\n  wave 1    ${one.name}\n  wave 2    ${two.name}\n\n2 of 2 hosts would change;`;
    assert.ok(plan.code === 0 && plan.stdout.includes(order), plan.tail);

    const revision = await flake.git('rev-parse', 'HEAD');
    await flurry(lease, [one.name, two.name], { cwd: flake.directory });
    const first = await Promise.all([one, two].map(({ name }) => flake.toplevel(name)));
    for (const { name } of [one, two]) await flake.change(name, service('own', '2'));
    await flake.commit();
    await flurry(lease, [one.name, two.name], { cwd: flake.directory });
    const words = ['rollback', one.name, two.name, '--to-rev', revision, ...waves];
    const back = await flurry(lease, words, { cwd: flake.directory });
    assert.equal(back.code, 0, back.tail);
    assert.deepEqual(courseOf(back), [
      ...[`wave 1: ${one.name}`, `${one.name} is contacted`, `${one.name} promoted`, 'wave 1 is over'],
      ...[`wave 2: ${two.name}`, `${two.name} is contacted`, `${two.name} promoted`, 'wave 2 is over'],
    ]);
    for (const [index, host] of [one, two].entries()) await assertRunsAndBoots(host, first[index] ?? '');
  }),
);
