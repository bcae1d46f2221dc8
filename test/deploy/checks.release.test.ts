import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { answering } from './answering.ts';
import { checked } from './checked.ts';
import { checksOf } from './checks-of.ts';
import { service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots, assertUntouched, untilEnded } from './host-claims.ts';
import { flurry, flurryLines, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };
const isBack = 'the host has put itself back and runs what it ran before';
const seconds = /\d+(?:\.\d)? s/;

describe('health checks of a deployment', options, () => {
  test(
    'a host whose http check fails rolls back, and it, its history and whoever attaches later tell why; one that passes is promoted (two transactions: over 20 s)',
    withHosts(2, async (lease) => {
      const [canary, well] = lease.hosts;
      assert.ok(canary && well);
      using here = await answering(canary);
      const bad = `site = { http = "${here.url('/503')}"; retries = 3; period = "500ms"; }; port.tcp = "${here.unusedHostPort}";`;
      const good = `site = { http = "${here.url('/third')}"; period = "500ms"; }; own = { unit = "own.service"; activeFor = "1s"; };`;
      const flake = await checked(lease, bad, good);
      const run = await flurry(lease, [canary.name, well.name], { cwd: flake.directory });
      const { verdict, code, reason } = run.result(canary.name);
      assert.deepEqual([run.code, verdict, code], [1, 'rolled-back', 'check-failed'], run.tail);
      const told = reason.replace(seconds, 'N s');
      assert.equal(told, `check site failed after N s and 3 tries: http 503; not well either: port; ${isBack}`);
      // Why is told once: that it was not confirmed is what was meant.
      const notes = run.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
      assert.ok(!notes.some((message) => message.startsWith('not confirmed')), notes.join('\n'));
      await assertRunsAndBoots(canary, lease.baseToplevel);
      const { facts, ...end } = await untilEnded(canary);
      assert.equal(end.verdict, 'rolled-back');
      assert.deepEqual(
        facts.filter((fact) => !fact.startsWith('after-ms')),
        ['code check-failed', 'check site', 'kind http', 'seen http 503', 'tries 3', 'other port'],
      );

      assert.equal(run.result(well.name).verdict, 'promoted', run.tail);
      await assertRunsAndBoots(well, await flake.toplevel(well.name));
      assert.equal(here.asked('/third'), 3);

      for (const verb of ['attach', 'history']) {
        const { stdout, stderr, tail } = await flurryLines(lease, [verb, canary.name, '--no-flake']);
        assert.match(`${stdout}${stderr}`.replaceAll(/\s+/g, ' '), /check site failed after/, tail);
      }
      await assertNothingLeft(canary);
    }),
  );

  test(
    'a check that needs longer than the host waits to be confirmed succeeds, since its wait is renewed; one that has not passed by the cap has failed (two transactions: over 20 s)',
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      using here = await answering(host);
      const flake = await checked(
        lease,
        `site = { http = "${here.url('/told')}"; period = "500ms"; timeout = "5m"; };`,
      );
      here.tell(503);
      const words = ['-o', 'json', host.name, '--confirm-timeout', '6s'];
      const late = startFlurry(lease, words, { cwd: flake.directory });
      // The wait that it was begun with is over by then.
      await late.until('the check has seen enough', (event) => {
        return event.event === 'check' && event.state === 'trying' && event.milliseconds > 9000;
      });
      here.tell(200);
      const end = await late.ended;
      assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
      const kept = await flake.toplevel(host.name);
      await assertRunsAndBoots(host, kept);

      await flake.change(host.name, service('own', '2'));
      here.tell(503);
      const capped = await flurry(lease, [...words.slice(2), '--confirm-cap', '12s'], { cwd: flake.directory });
      const { verdict, code, reason } = capped.result(host.name);
      assert.deepEqual([capped.code, verdict, code], [1, 'rolled-back', 'check-failed'], capped.tail);
      assert.match(
        reason,
        /^check site failed after 8(?:\.\d)? s and \d+ tries: http 503; the host has put itself back/,
      );
      assert.deepEqual(checksOf(capped), { site: 'failed: http 503' });
      await assertRunsAndBoots(host, kept);
    }),
  );

  test(
    'a check that is to pass before refuses the host, in a deployment and in a plan, and nothing is touched; with --on-check-failure warn it is told, and lets pass (three deployments: over 20 s)',
    withHosts(1, async (lease) => {
      const [host] = lease.hosts;
      assert.ok(host);
      using here = await answering(host);
      const flake = await checked(
        lease,
        `site = { http = "${here.url('/503')}"; when = "both"; retries = 1; }; net = { tcp = "localhost:22"; when = "before"; };`,
      );
      const refused = 'check site failed after N s and 1 try: http 503; the system of the host was not changed';
      for (const verb of ['plan', 'deploy']) {
        const run = await flurry(lease, [verb, host.name], { cwd: flake.directory });
        const { verdict, code, reason } = run.result(host.name);
        assert.deepEqual([run.code, verdict, code], [1, 'refused', 'check-failed'], run.tail);
        assert.equal(reason.replace(seconds, 'N s'), refused);
      }
      await assertUntouched(host, lease.baseToplevel);

      const warn = ['--on-check-failure', 'warn'];
      const planned = await flurry(lease, ['plan', host.name, ...warn], { cwd: flake.directory });
      const open = planned.events.flatMap((event) => (event.event === 'plan' ? event.unknown : []));
      assert.deepEqual(open, ['units', 'checks', 'reachable'], planned.tail);

      const warned = await flurry(lease, [host.name, ...warn], { cwd: flake.directory });
      assert.deepEqual([warned.code, warned.result(host.name).verdict], [0, 'promoted'], warned.tail);
      const warnings = warned.events.filter((event) => event.event === 'note' && event.level === 'warning');
      const said = warnings.map((event) => `${event.event === 'note' ? `${event.phase}: ${event.message}` : ''}`);
      const passed = 'failed, and let pass as asked by --on-check-failure warn: check site (http 503)';
      assert.deepEqual(said, [`gate: ${passed}`, `verify: ${passed}`]);
    }),
  );

  test(
    '--all-or-nothing: a host is ready only once its checks pass; where one fails, all go back, and only that one says why (two transactions: over 20 s)',
    withHosts(2, async (lease) => {
      const [bad, other] = lease.hosts;
      assert.ok(bad && other);
      using here = await answering(bad);
      const flake = await checked(
        lease,
        `site = { http = "${here.url('/503')}"; retries = 4; period = "500ms"; };`,
        `site.http = "${here.url('/well')}";`,
      );
      const run = await flurry(lease, [bad.name, other.name, '--all-or-nothing'], { cwd: flake.directory });
      const told = (name: string) => {
        const { verdict, code, reason } = run.result(name);
        return [verdict, code, reason.replace(seconds, 'N s')];
      };
      const because = `check site failed after N s and 4 tries: http 503; ${isBack}`;
      assert.deepEqual(told(bad.name), ['rolled-back', 'check-failed', because], run.tail);
      const [verdict, code] = told(other.name);
      assert.deepEqual([verdict, code], ['rolled-back', 'others-failed'], run.tail);
      for (const host of lease.hosts) await assertRunsAndBoots(host, lease.baseToplevel);
    }),
  );
});
