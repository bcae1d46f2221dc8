import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEvents } from '../core/read-event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { answering } from './answering.ts';
import { behindJumpHost } from './behind-jump-host.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched, everythingKept, keptDifferences } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { type FlurryEnd, flurry, flurryLines, startFlurry } from './run-flurry.ts';
import { flakeOf, namesOf } from './together-or-not.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 6 -- …' };

const broken = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';

/** How each host ended, in the order of the run. */
function endsOf({ events }: Pick<FlurryEnd, 'events'>): readonly string[] {
  const result = events.findLast((event) => event.event === 'result');
  return result?.event === 'result' ? result.hosts.map(({ host, verdict, code }) => `${host} ${verdict} ${code}`) : [];
}

/** What was said of the waves, and when hosts were first contacted and ended. */
function courseOf({ events }: Pick<FlurryEnd, 'events'>): readonly string[] {
  return events.flatMap((event) => {
    switch (event.event) {
      case 'wave-started':
        return [`wave ${event.wave}: ${event.hosts.join(' ')}`];
      case 'wave-ended':
        return [`wave ${event.wave} is over${event.failed.map((host) => `, ${host} failed`).join('')}`];
      case 'wave-pause':
        return [`pause before wave ${event.wave}: ${event.hosts.join(' ')}`];
      case 'phase-started':
        return event.phase === 'connect' ? [`${event.host} is contacted`] : [];
      case 'verdict':
        return [`${event.host} ${event.verdict}`];
      default:
        return [];
    }
  });
}

test(
  'six hosts in three waves: the canary fails its http check and rolls back, the other five are skipped and untouched, exit 1 (six hosts to compare: up to a minute)',
  options,
  withHosts(6, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [canary, ...others] = hosts;
    assert.ok(canary);
    using here = await answering(canary);
    const modules = Object.fromEntries(hosts.map(({ name }) => [name, service('own')]));
    const check = `checks.site = { http = "${here.url('/503')}"; retries = 2; period = "1s"; };`;
    const declared = [`${canary.name} = { ${check} };`, ...others.map(({ name }) => `${name} = { };`)];
    const outputs = `flurry.hosts = { ${declared.join('\n')} };`;
    const flake = await flakeFixture(lease.directory, modules, { outputs });
    const before = await Promise.all(others.map(everythingKept));
    const names = namesOf(lease);
    const words = [...names, '--waves', '1,50%,100%', '--log-dir', 'logs'];
    const run = await flurryLines(lease, words, { cwd: flake.directory });
    const events = readEvents(await readFile(join(flake.directory, 'logs/latest/events.jsonl'), 'utf8'));

    assert.equal(run.code, 1, run.tail);
    assert.deepEqual(courseOf({ events }), [
      `wave 1: ${canary.name}`,
      `${canary.name} is contacted`,
      `${canary.name} rolled-back`,
      `wave 1 is over, ${canary.name} failed`,
      ...others.map(({ name }) => `${name} skipped`),
    ]);
    const [tried, first] = events.flatMap((event) => (event.event === 'verdict' ? [event] : []));
    assert.equal(tried?.code, 'check-failed');
    assert.match(tried?.reason ?? '', /^check site failed after \S+ s and 2 tries: http 503;/);
    assert.deepEqual(
      [first?.code, first?.reason],
      [
        'wave-stopped',
        `not started after wave 1 of 3: ${canary.name} did not make it, and none may fail; the system of the host was not changed`,
      ],
    );
    const command = run.stdout.trimEnd().split('\n').at(-1) ?? '';
    assert.ok(command.startsWith(`flurry ${names.join(' ')} --`) && command.includes(' --waves 1,50%,100% '), command);
    await assertRunsAndBoots(canary, baseToplevel);
    for (const [index, host] of others.entries()) {
      assert.deepEqual(keptDifferences(before[index] ?? [], await everythingKept(host)), [], host.name);
      await assertUntouched(host, baseToplevel);
    }
  }),
);

test(
  'a failure that is allowed lets the next wave begin, and is exit 1 all the same; one more would not',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const flake = await flakeOf(lease, [broken, service('own')]);
    const words = [one.name, two.name, '--waves', '1,100%', '--max-failures', '1'];
    const run = await flurry(lease, words, { cwd: flake.directory });
    assert.equal(run.code, 1, run.tail);
    assert.deepEqual(endsOf(run), [`${one.name} rolled-back units-failed`, `${two.name} promoted null`]);
    assert.deepEqual(courseOf(run), [
      ...[`wave 1: ${one.name}`, `${one.name} is contacted`, `${one.name} rolled-back`],
      `wave 1 is over, ${one.name} failed`,
      ...[`wave 2: ${two.name}`, `${two.name} is contacted`, `${two.name} promoted`, 'wave 2 is over'],
    ]);
    await assertRunsAndBoots(two, await flake.toplevel(two.name));
  }),
);

test(
  'a host out of reach: stop begins no wave, fail begins no further one, skip goes on without it and is exit 0',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    // Nobody listens on port 2.
    const outputs = `flurry.hosts = {
      here = { address = "${host.address}"; };
      away = { address = "${host.address}"; port = 2; configuration = "here"; };
    };`;
    const flake = await flakeFixture(lease.directory, { here: service('own') }, { outputs });
    const going = (order: readonly string[], unreachable: string) =>
      flurry(lease, [...order, '--waves', '1,100%', '--unreachable', unreachable], { cwd: flake.directory });

    const stopped = await going(['here', 'away'], 'stop');
    assert.deepEqual([stopped.code, endsOf(stopped)], [1, ['here skipped stopped', 'away failed connection-refused']]);
    assert.ok(!courseOf(stopped).includes('wave 1: here'), stopped.tail);
    await assertUntouched(host, lease.baseToplevel);

    const failed = await going(['away', 'here'], 'fail');
    assert.deepEqual(
      [failed.code, endsOf(failed)],
      [1, ['away failed connection-refused', 'here skipped wave-stopped']],
    );
    assert.ok(!courseOf(failed).includes('here is contacted'), failed.tail);
    await assertUntouched(host, lease.baseToplevel);

    const skipped = await going(['away', 'here'], 'skip');
    assert.deepEqual([skipped.code, endsOf(skipped)], [0, ['away skipped connection-refused', 'here promoted null']]);
    await assertRunsAndBoots(host, await flake.toplevel('here'));
  }),
);

test(
  'all or nothing holds within a wave: the first one keeps what the second gives up together',
  options,
  withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [first, good, bad] = hosts;
    assert.ok(first && good && bad);
    const flake = await flakeOf(lease, [service('own'), service('own'), broken]);
    const words = [...namesOf(lease), '--waves', '1,100%', '--all-or-nothing'];
    const run = await flurry(lease, words, { cwd: flake.directory });
    assert.deepEqual(endsOf(run), [
      `${first.name} promoted null`,
      `${good.name} rolled-back others-failed`,
      `${bad.name} rolled-back units-failed`,
    ]);
    assert.equal(run.code, 1);
    await assertRunsAndBoots(first, await flake.toplevel(first.name));
    for (const host of [good, bad]) await assertRunsAndBoots(host, baseToplevel);
  }),
);

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
  '--pause ask names what has happened and who is next: no leaves the others alone, exit 1; Ctrl-C in a pause does so too, exit 130',
  options,
  withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const flake = await flakeOf(lease, [service('own'), service('own')]);
    const words = [one.name, two.name, '--waves', '1,100%', '-o', 'json'];
    const asked = flurryOnTerminal(lease, [...words, '--pause', 'ask'], { cwd: flake.directory });
    await asked.untilShown(`so far 1 promoted. Begin wave 2 of 2: ${two.name}? [y/N] `);
    asked.type('n\n');
    const no = await asked.ended;
    assert.deepEqual(endsOf(no), [`${one.name} promoted null`, `${two.name} refused declined`]);
    assert.equal(no.result(two.name).reason, 'you said no to wave 2; the system of the host was not changed');
    assert.equal(no.code, 1);

    const pausing = startFlurry(lease, [...words, '--pause', '1h'], { cwd: flake.directory });
    await pausing.until('the pause', (event) => event.event === 'wave-pause');
    pausing.kill('SIGINT');
    const interrupted = await pausing.ended;
    assert.deepEqual(endsOf(interrupted), [`${one.name} unchanged null`, `${two.name} failed interrupted`]);
    assert.equal(interrupted.code, 130);
    assert.ok(!courseOf(interrupted).includes(`${two.name} is contacted`));
    await assertUntouched(two, lease.baseToplevel);

    const withoutTerminal = await flurryLines(lease, [...words.slice(0, 4), '--pause', 'ask'], {
      cwd: flake.directory,
    });
    assert.deepEqual(
      [withoutTerminal.code, withoutTerminal.stderr],
      [
        2,
        'flurry: --pause must be a time where there is no terminal to ask at (standard input and standard error), found "ask"\n  a pause of 0s is none\n',
      ],
    );
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
