import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { aborted, decisions, told } from './asked-to-decide.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a person’s no rolls back; asked again, their yes promotes; then nothing is under way: confirm and abort are refused',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const toplevel = await flake.toplevel(host.name);
    const question = `${host.name} was tested and waits: keep the new system? [y/N] `;

    const no = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await no.untilShown(question);
    assert.equal((await host.facts()).running, toplevel);
    no.type('n\n');
    assert.deepEqual(told(await no.ended, host), {
      exit: 1,
      verdict: 'rolled-back',
      code: 'not-confirmed',
      reason: aborted,
    });
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);

    const yes = flurryOnTerminal(lease, ['--confirm', 'ask', host.name], { cwd: flake.directory });
    await yes.untilShown(question);
    yes.type('yes\n');
    const end = await yes.ended;
    assert.equal(end.code, 0, end.tail);
    assert.match(yes.screen(), /confirmed by you; the host says: confirmed/);
    assert.match(end.stdout, /^1 host promoted in /m);
    await assertRunsAndBoots(host, toplevel);
    await assertNothingLeft(host);

    for (const word of ['confirm', 'abort']) {
      assert.deepEqual(told(await flurry(lease, [word, host.name]), host), {
        exit: 1,
        verdict: 'refused',
        code: 'nothing-to-decide',
        reason: `no deployment is under way on ${host.name}, so there is nothing to ${word}`,
      });
    }
    await assertRunsAndBoots(host, toplevel);
  }),
);

test(
  'abort in the middle of the activation lets that end, then the host puts itself back; while it promotes, abort and confirm are told that it is too late, and the host is promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    const toplevel = await flake.toplevel(host.name);

    await holdAt(host, 'activation');
    const first = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    const abort = startFlurry(lease, ['-o', 'json', 'abort', host.name]);
    await abort.until('the host accepts', (event) => event.event === 'note' && event.message.startsWith('accepted'));
    await host.inside('systemctl is-active "flurry-test-*"');
    await letGo(host, 'activation');
    const [firstEnd, abortEnd] = await Promise.all([first.ended, abort.ended]);
    const back = { exit: 1, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
    assert.deepEqual(told(firstEnd, host), back, firstEnd.tail);
    assert.deepEqual(told(abortEnd, host), back, abortEnd.tail);
    assert.equal(
      decisions(abortEnd)[0],
      'accepted: once the new system would wait to be confirmed, the host puts itself back',
    );
    const activated = firstEnd.events.some(
      (event) => event.event === 'log' && /new units were started: own/.test(event.line),
    );
    assert.ok(activated, firstEnd.tail);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await host.inside('! systemctl is-active --quiet own.service');

    await holdAt(host, 'loader');
    const second = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'loader');
    await untilState(host, 'promoting');
    const words = ['abort', 'confirm'].map((word) => startFlurry(lease, ['-o', 'json', word, host.name]));
    await Promise.all(
      words.map((run) =>
        run.until(
          'it is too late',
          (event) => event.event === 'note' && /^(too late|not accepted): /.test(event.message),
        ),
      ),
    );
    await letGo(host, 'loader');
    const secondEnd = await second.ended;
    assert.deepEqual(told(secondEnd, host), { exit: 0, verdict: 'promoted', code: null, reason: 'runs and boots it' });
    const [abortTold, confirmTold] = await Promise.all(words.map(async (run) => run.ended));
    assert.ok(abortTold && confirmTold);
    for (const end of [abortTold, confirmTold]) {
      const promoted = { exit: 0, verdict: 'promoted', code: null, reason: 'the host says: promoted' };
      assert.deepEqual(told(end, host), promoted, end.tail);
    }
    assert.deepEqual(decisions(abortTold), ['too late: it was confirmed and is promoting; its verdict is awaited']);
    assert.deepEqual(decisions(confirmTold), ['not accepted: it does not wait to be confirmed, it is promoting']);
    await assertRunsAndBoots(host, toplevel);
    await assertNothingLeft(host);
  }),
);
