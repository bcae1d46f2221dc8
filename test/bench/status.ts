import assert from 'node:assert/strict';
import { loadavg } from 'node:os';
import { test } from 'node:test';
import { flakeFixture, service } from '../deploy/flake-fixture.ts';
import { flurryOnTerminal } from '../deploy/on-terminal.ts';
import { flurry } from '../deploy/run-flurry.ts';
import { withHosts } from '../fleet/fleet.ts';

// How long `flurry status` takes for 20 hosts, of which three are down and two wait to be confirmed. Prints, and asserts no time:
//   npx tsx test/fleet/cli.ts run --hosts 20 -- node --import tsx --test --test-reporter=spec test/bench/status.ts
const connectSeconds = 5;
const rounds = 5;

test(
  'status of 20 hosts, three of them down, two with a transaction under way',
  withHosts(20, async (lease) => {
    const [one, other, ...rest] = lease.hosts;
    assert.ok(one && other);
    const waiting = [one, other].map(({ name }) => name);
    const flake = await flakeFixture(
      lease.directory,
      Object.fromEntries(lease.hosts.map(({ name }) => [name, service('own')])),
    );
    const cwd = flake.directory;
    const words = ['--confirm', 'ask', '--confirm-timeout', '10m', '-o', 'json', ...waiting];
    const deploy = flurryOnTerminal(lease, words, { cwd });
    await deploy.untilShown('keep the new system?');
    for (const host of rest.slice(0, 3)) await host.loss(100);
    const names = lease.hosts.map(({ name }) => name);
    const limit = ['--connect-timeout', `${connectSeconds}s`];
    for (const [title, ...flags] of [['with the flake'], ['without a flake', '--no-flake']]) {
      for (let round = 0; round < rounds; round += 1) {
        const { events, seconds, tail } = await flurry(lease, ['status', ...names, ...limit, ...flags], { cwd });
        const verdicts = events.filter((event) => event.event === 'verdict');
        const answered = verdicts.filter(({ verdict }) => verdict === 'seen');
        const started = Date.parse(events[0]?.at ?? '');
        const last = (of: typeof verdicts): string =>
          `${(Math.max(...of.map(({ at }) => Date.parse(at) - started)) / 1000).toFixed(1)} s`;
        assert.deepEqual([verdicts.length, answered.length], [20, 17], tail);
        assert.equal(events.filter((event) => event.event === 'status' && event.underWay.length > 0).length, 2);
        const dead = verdicts.filter(({ verdict }) => verdict !== 'seen');
        const load = loadavg()[0]?.toFixed(1);
        console.log(
          `${title}: ${seconds.toFixed(1)} s in all; from the first event to the last of 17 answers ${last(answered)}, to the last of 3 that are down ${last(dead)} (${connectSeconds} s a try, 3 tries); load ${load}`,
        );
      }
    }
    deploy.type('n\n');
    await deploy.ended;
  }),
);
