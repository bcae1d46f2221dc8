import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHistory } from '../../src/host/history.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots, assertUntouched, everythingKept, keptDifferences } from './host-claims.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

/** A flake with two hosts, of which `web` depends on `db`. */
async function flakeOf(lease: Lease, db: string, outputs: string): Promise<FlakeFixture> {
  const [first, second] = lease.hosts;
  const places = `flurry.hosts = {
    db.address = "${first?.address}";
    web.address = "${second?.address}";
    ${outputs}
  };`;
  return await flakeFixture(lease.directory, { db, web: service('own') }, { outputs: places });
}

/** When the host began and ended its last deployment, by its own clock; all hosts of a fleet have the same. */
async function timesOf(host: HostHandle): Promise<readonly string[]> {
  const { stdout } = await host.inside('cat /var/lib/flurry/history.jsonl');
  return readHistory(stdout.split('\n')).flatMap((line) => ('at' in line ? [line.at] : []));
}

test(
  'a host is contacted when the one that it depends on has been promoted, whichever was named first',
  options,
  withHosts(2, async (lease) => {
    const [db, web] = lease.hosts;
    assert.ok(db && web);
    const flake = await flakeOf(lease, service('own'), 'web.dependsOn = [ "db" ];');
    const run = await flurry(lease, ['web', 'db'], { cwd: flake.directory });
    assert.equal(run.code, 0, run.tail);
    const course = run.events.flatMap((event) => {
      if (event.event === 'phase-started' && event.phase === 'connect') return [`${event.host} is contacted`];
      return event.event === 'verdict' ? [`${event.host} ${event.verdict}`] : [];
    });
    assert.deepEqual(course, ['db is contacted', 'db promoted', 'web is contacted', 'web promoted']);
    const [ended = '', begun = ''] = [(await timesOf(db)).at(-1), (await timesOf(web))[0]];
    assert.ok(ended !== '' && ended <= begun, `${ended} ${begun}`);
    const [started] = run.events;
    assert.deepEqual(started?.event === 'run-started' && [started.waves, started.dependencies], [
      undefined,
      [{ host: 'web', on: ['db'], elsewhere: [] }],
    ]);
  }),
);

test(
  'a host whose dependency rolled back is skipped and untouched; alone it is deployed, with a warning that names what is missing',
  options,
  withHosts(2, async (lease) => {
    const [db, web] = lease.hosts;
    assert.ok(db && web);
    const broken = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';
    const flake = await flakeOf(lease, broken, 'web.dependsOn = [ "db" ];');
    const before = await everythingKept(web);
    const run = await flurry(lease, ['web', 'db'], { cwd: flake.directory });
    const { verdict, code, reason } = run.result('web');
    assert.deepEqual(
      [run.result('db').verdict, verdict, code, run.code],
      ['rolled-back', 'skipped', 'dependency-failed', 1],
    );
    assert.equal(reason, 'web depends on db, which did not make it; the system of the host was not changed');
    assert.deepEqual(keptDifferences(before, await everythingKept(web)), []);
    await assertUntouched(web, lease.baseToplevel);

    const alone = await flurryLines(lease, ['web'], { cwd: flake.directory });
    assert.equal(alone.code, 0, alone.tail);
    const [, warning] = alone.stderr.split('\n');
    assert.equal(warning, '! warning: web depends on db, which is not in this run');
    await assertRunsAndBoots(web, await flake.toplevel('web'));
  }),
);

test(
  'a cycle of dependencies is exit 2, and no host is contacted',
  options,
  withHosts(2, async (lease) => {
    const flake = await flakeOf(lease, service('own'), 'web.dependsOn = [ "db" ]; db.dependsOn = [ "web" ];');
    const logins = async () =>
      await Promise.all(
        lease.hosts.map(async (host) => (await host.inside('journalctl -q -u ssh -o cat | grep -c sshd; true')).stdout),
      );
    const before = await logins();
    const run = await flurryLines(lease, ['web', 'db'], { cwd: flake.directory });
    assert.deepEqual(
      [run.code, run.stderr],
      [
        2,
        'flurry: flurry.hosts.db.dependsOn must be free of cycles, found db → web → db\n' +
          '  each would wait for the other: leave out one of these dependencies\n',
      ],
    );
    assert.deepEqual(await logins(), before);
  }),
);
