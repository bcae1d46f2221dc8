import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEvents } from '../core/read-event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { answering } from './answering.ts';
import { courseOf, endsOf } from './course-of.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched, everythingKept, keptDifferences } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, flurryLines, startFlurry } from './run-flurry.ts';
import { flakeOf, namesOf } from './together-or-not.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 6 -- …' };

const broken = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';

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
