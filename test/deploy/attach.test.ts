import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { deploymentOf, journalOf, linesIn, phasesIn, untilPhase } from './attached.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const isBack = 'the host has put itself back and runs what it ran before';

const aborted = `the deployment was aborted before the new system was confirmed; ${isBack}`;

test(
  'two attach to a deployment that waits, a third leaves it without harm, somebody aborts: both see the whole log once and the way back, and exit as it does; attached to later, it is told again; an unknown one is refused',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const flags = ['--confirm', 'ask', '--confirm-timeout', '12s', '-o', 'json'];
    const deploy = flurryOnTerminal(lease, [...flags, host.name], { cwd: flake.directory });
    await deploy.untilShown('keep the new system? [y/N] ');
    const id = await deploymentOf(deploy);

    const [one, two, third] = [
      startFlurry(lease, ['-o', 'json', 'attach', host.name]),
      startFlurry(lease, ['-o', 'json', 'attach', id, host.name]),
      startFlurry(lease, ['-o', 'json', 'attach', host.name]),
    ];
    await Promise.all([one, two, third].map((run) => untilPhase(run, 'verify')));
    third.kill('SIGINT');
    const left = await third.ended;
    assert.equal(left.code, 130, left.tail);
    assert.equal(left.result(host.name).verdict, 'seen');
    assert.match(left.stderr, /^flurry: SIGINT: left; what is under way on a host goes on there, /m);
    for (const word of ['attach', 'abort']) {
      assert.match(left.stderr, new RegExp(`^ {4}flurry ${word} ${host.name} --ssh-config `, 'm'));
    }
    assert.equal(left.events.at(-1)?.event, 'result');
    assert.ok(!left.events.some((event) => event.event === 'phase-ended' && event.phase === 'verify'), left.tail);
    await host.inside('test "$(cat /run/flurry/*/state)" = waiting');

    const abort = await flurry(lease, ['abort', host.name]);
    assert.equal(abort.result(host.name).verdict, 'rolled-back', abort.tail);
    const ends = await Promise.all([one.ended, two.ended, deploy.ended]);
    const printed = await journalOf(host, id);
    assert.ok(printed.length > 3, printed.join('\n'));
    for (const end of ends) {
      const { verdict, code, reason } = end.result(host.name);
      const told = { exit: 1, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
      assert.deepEqual({ exit: end.code, verdict, code, reason }, told, end.tail);
      assert.deepEqual(linesIn(end), printed);
    }
    for (const end of ends.slice(0, 2)) {
      assert.deepEqual(phasesIn(end), ['connect ok', 'observe ok', 'verify failed', 'rollback ok']);
    }
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);

    const unknown = '20260101T000000Z-0000';
    const [later, refused] = await Promise.all([
      flurry(lease, ['attach', host.name]),
      flurry(lease, ['attach', host.name, unknown]),
    ]);
    const { verdict, code, reason, running } = later.result(host.name);
    assert.deepEqual(
      { exit: later.code, verdict, code, reason, running },
      { exit: 1, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted, running: lease.baseToplevel },
      later.tail,
    );
    assert.deepEqual(linesIn(later), printed);
    const { remedy, ...no } = refused.result(host.name);
    assert.deepEqual([refused.code, no.verdict, no.code], [1, 'refused', 'nothing-to-join'], refused.tail);
    assert.match(remedy ?? '', new RegExp(`^ {2}flurry attach ${host.name} ${id} --ssh-config `, 'm'));
  }),
);
