import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { answering } from './answering.ts';
import { checked } from './checked.ts';
import { checksOf } from './checks-of.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const isBack = 'the host has put itself back and runs what it ran before';
const seconds = /\d+(?:\.\d)? s/;

test(
  'a check that needs 90 s succeeds on a host that waits 60 s to be confirmed (over 90 s: that is what it takes)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const outputs = `flurry.hosts.${host.name}.checks.jobs = {
      command = [ "test" "-e" "/run/jobs-done" ];
      timeout = "3m";
    };`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { outputs });
    await host.inside('systemd-run --quiet --on-active=100 --timer-property=AccuracySec=100ms touch /run/jobs-done');
    const run = await flurry(lease, [host.name], { cwd: flake.directory, limitMs: 240_000 });
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
    assert.deepEqual(checksOf(run), { jobs: 'passed: exit 0' });
    const waited = run.events.find((event) => event.event === 'check' && event.state === 'passed');
    assert.ok(waited?.event === 'check' && waited.milliseconds > 60_000, 'longer than it would have waited');
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
  }),
);

describe('health checks of a deployment', options, () => {
  test(
    'goals that change nothing that runs ask for no check, goal test and rollback do (four transactions: over 20 s)',
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      using here = await answering(host);
      const flake = await checked(lease, `site = { http = "${here.url('/told')}"; retries = 1; };`);
      const ended = async (...words: readonly string[]) => {
        const run = await flurry(lease, words, { cwd: flake.directory });
        const { verdict, code } = run.result(host.name);
        return [verdict, code, checksOf(run)];
      };
      here.tell(503);
      const failed = ['rolled-back', 'check-failed', { site: 'failed: http 503' }];
      assert.deepEqual(await ended(host.name, '--goal', 'build'), ['built', null, {}]);
      assert.deepEqual(await ended(host.name, '--goal', 'dry-activate'), ['previewed', null, {}]);
      assert.deepEqual(await ended(host.name, '--goal', 'test'), failed);
      here.tell(200);
      assert.deepEqual(await ended(host.name), ['promoted', null, { site: 'passed: http 200' }]);
      here.tell(503);
      assert.deepEqual(await ended('rollback', host.name), failed);
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
      assert.deepEqual(await ended('rollback', host.name, '--goal', 'boot'), ['staged', null, {}]);
    }),
  );

  test(
    'a connection that is lost while a host is asked for its health is made again, and the check goes on; a coordinator that is gone leaves the host to put itself back (two transactions and a cut line: over 60 s)',
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      const jobs = 'jobs = { command = [ "test" "-e" "/run/jobs-done" ]; period = "500ms"; timeout = "5m"; };';
      const flake = await checked(lease, jobs);
      const words = ['-o', 'json', host.name, '--confirm-timeout', '60s'];
      const isTrying = (event: { readonly event: string; readonly state?: string }) =>
        event.event === 'check' && event.state === 'trying';
      const cut = startFlurry(lease, words, { cwd: flake.directory, limitMs: 240_000 });
      await cut.until('it is tried', isTrying);
      await host.inside('pkill -f "^sshd(-session)?: root"');
      await cut.until('contact was lost', ({ event }) => event === 'out-of-reach');
      await host.inside('touch /run/jobs-done');
      const end = await cut.ended;
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
      assert.deepEqual(checksOf(end), { jobs: 'passed: exit 0' });

      await host.inside('rm /run/jobs-done');
      const kept = await flake.toplevel(host.name);
      await flake.change(host.name, service('own', '2'));
      const gone = startFlurry(lease, [...words.slice(0, 4), '8s'], { cwd: flake.directory });
      await gone.until('it is tried', isTrying);
      gone.kill('SIGKILL');
      await gone.ended;
      const { verdict, facts } = await untilEnded(host, 2);
      assert.deepEqual([verdict, ...facts], ['rolled-back', 'code not-confirmed', 'by deadline']);
      await assertRunsAndBoots(host, kept);
      await assertNothingLeft(host);
    }),
  );

  test(
    'a new system is asked for its health once more in its trial boot: where it is not well then, the host is rebooted into what it ran (two reboots: over 30 s)',
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      // Of the first boot only.
      const first = `first = { command = [ "test" "-e" "/run/first-boot" ]; retries = 1; };`;
      const flake = await checked(lease, first);
      await flake.change(host.name, `${service('own')} shaped.kernelVersion = "6.12.59";`);
      await host.inside('touch /run/first-boot');
      const run = await flurry(lease, [host.name, '--reboot', 'if-needed'], { cwd: flake.directory, limitMs: 240_000 });
      const { verdict, code, reason } = run.result(host.name);
      assert.deepEqual([run.code, verdict, code], [1, 'rolled-back', 'check-failed'], run.tail);
      assert.equal(reason.replace(seconds, 'N s'), `check first failed after N s and 1 try: exit 1; ${isBack}`);
      await assertRunsAndBoots(host, lease.baseToplevel);
    }),
  );
});
