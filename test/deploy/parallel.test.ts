import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { poll } from '../fleet/poll.ts';
import { flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { untilState } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

test(
  'three hosts work at the same time: all build before any is done; one SSH connection to each, and a second one to confirm',
  options,
  withHosts(3, async (lease) => {
    const { hosts } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(
      lease.directory,
      Object.fromEntries(names.map((name) => [name, `${service('own')} ${heldBuild}`])),
    );
    // No build can end before all three have begun.
    const run = startFlurry(lease, ['-o', 'json', ...names], { cwd: flake.directory });
    for (const { name } of hosts) {
      await run.until(
        `${name} builds`,
        (event) => event.event === 'phase-started' && event.host === name && event.phase === 'build',
      );
    }
    await Promise.all(hosts.map(releaseBuild));
    const first = await run.ended;
    assert.equal(first.code, 0, first.tail);
    for (const host of hosts) await assertRunsAndBoots(host, await flake.toplevel(host.name));
    assert.deepEqual(await Promise.all(hosts.map(accepted)), [2, 2, 2]);

    const again = await flurry(lease, names, { cwd: flake.directory });
    assert.deepEqual(
      names.map((name) => again.result(name).verdict),
      ['unchanged', 'unchanged', 'unchanged'],
    );
    assert.deepEqual(await Promise.all(hosts.map(accepted)), [3, 3, 3], 'nothing to confirm, one connection');
  }),
);

test(
  'the events of a run are one JSON object a line, from run-started to a result that repeats every verdict',
  options,
  withHosts(2, async (lease) => {
    const names = lease.hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, service('own')])));
    const { stdout, stderr, events, code, tail } = await flurry(lease, names, { cwd: flake.directory });
    assert.deepEqual([code, stderr], [0, ''], tail);
    assert.equal(stdout.trimEnd().split('\n').length, events.length);
    assert.equal(events[0]?.event, 'run-started');
    const result = events.at(-1);
    assert.ok(result?.event === 'result');
    assert.equal(result.exitCode, 0);
    const verdicts = events.filter((event) => event.event === 'verdict');
    assert.deepEqual(
      verdicts.map(({ version, at, event, ...rest }) => rest).sort((a, b) => (a.host < b.host ? -1 : 1)),
      result.hosts,
    );
    const rev = await flake.git('rev-parse', 'HEAD');
    for (const told of result.hosts) {
      const toplevel = await flake.toplevel(told.host);
      const { verdict, running, bootDefault } = told;
      assert.deepEqual(
        { verdict, running, bootDefault, rev: told.rev, code: told.code, remedy: told.remedy },
        { verdict: 'promoted', running: toplevel, bootDefault: toplevel, rev, code: null, remedy: null },
      );
      assert.ok(told.seconds > 0);
    }
  }),
);

test(
  'a host that waits for a person takes no slot: with --parallel 1 both wait at the same time, and are promoted',
  options,
  withHosts(2, async (lease) => {
    const { hosts } = lease;
    const names = hosts.map(({ name }) => name);
    const flake = await flakeFixture(lease.directory, Object.fromEntries(names.map((name) => [name, service('own')])));
    const words = ['--parallel', '1', '--confirm', 'ask', '-o', 'json', ...names];
    const run = flurryOnTerminal(lease, words, { cwd: flake.directory });
    for (const host of hosts) await untilState(host, 'waiting');
    for (const host of hosts) assert.equal((await host.facts()).running, await flake.toplevel(host.name));
    // One question at a time.
    const asked = () => run.screen().split('keep the new system?').length - 1;
    for (const count of [1, 2]) {
      await poll(async () => asked() >= count || undefined, { what: `${count} questions`, limitMs: 60_000 });
      run.type('yes\n');
    }
    const end = await run.ended;
    assert.deepEqual(
      names.map((name) => end.result(name).verdict),
      ['promoted', 'promoted'],
      end.tail,
    );
    for (const host of hosts) await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

async function accepted(host: HostHandle): Promise<number> {
  return (await host.facts()).sshAccepted;
}
