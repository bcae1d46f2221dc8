import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { aborted, decisions, told, untilAsked } from './asked-to-decide.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt, untilState } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a word from elsewhere wins over the question that is open: abort rolls back, confirm promotes; who comes too late is told which one won (two deployments and eight connections: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const toplevel = await flake.toplevel(host.name);

    // The transaction sleeps: it cannot act on the first word before the second one comes.
    const first = await untilAsked(lease, host, flake);
    await host.inside('systemctl kill --kill-whom=main --signal=STOP flurry-activate.service');
    const abort = startFlurry(lease, ['-o', 'json', 'abort', host.name]);
    await abort.until('the host accepts', (event) => event.event === 'note' && event.message.startsWith('accepted'));
    const late = startFlurry(lease, ['-o', 'json', 'confirm', host.name]);
    await late.until('the host refuses', (event) => event.event === 'note' && event.message.startsWith('not accepted'));
    await host.inside('systemctl kill --kill-whom=main --signal=CONT flurry-activate.service');
    const back = { exit: 1, verdict: 'rolled-back', code: 'not-confirmed', reason: aborted };
    const [abortEnd, lateEnd, firstEnd] = await Promise.all([abort.ended, late.ended, first.ended]);
    assert.deepEqual(told(abortEnd, host), back, abortEnd.tail);
    assert.deepEqual(told(lateEnd, host), back, lateEnd.tail);
    assert.deepEqual(told(firstEnd, host), back, firstEnd.tail);
    assert.deepEqual(decisions(abortEnd), ['accepted: aborted; its verdict is awaited']);
    assert.deepEqual(decisions(lateEnd), ['not accepted: it was aborted before; its verdict is awaited']);
    assert.deepEqual(decisions(firstEnd), ['decided already: aborted']);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);

    const second = await untilAsked(lease, host, flake);
    await host.inside('systemctl kill --kill-whom=main --signal=STOP flurry-activate.service');
    const confirm = startFlurry(lease, ['-o', 'json', 'confirm', host.name]);
    await confirm.until('the host accepts', (event) => event.event === 'note' && event.message.startsWith('accepted'));
    const tooLate = startFlurry(lease, ['-o', 'json', 'abort', host.name]);
    await tooLate.until(
      'the host refuses',
      (event) => event.event === 'note' && event.message.startsWith('not accepted'),
    );
    await host.inside('systemctl kill --kill-whom=main --signal=CONT flurry-activate.service');
    const [confirmEnd, tooLateEnd, secondEnd] = await Promise.all([confirm.ended, tooLate.ended, second.ended]);
    const well = { exit: 0, verdict: 'promoted', code: null };
    assert.deepEqual(told(confirmEnd, host), { ...well, reason: 'the host says: promoted' }, confirmEnd.tail);
    assert.deepEqual(told(tooLateEnd, host), { ...well, reason: 'the host says: promoted' }, tooLateEnd.tail);
    assert.deepEqual(told(secondEnd, host), { ...well, reason: 'runs and boots it' }, secondEnd.tail);
    assert.deepEqual(decisions(confirmEnd), ['accepted: confirmed; its verdict is awaited']);
    assert.deepEqual(decisions(tooLateEnd), [
      'not accepted: too late, it was confirmed before; its verdict is awaited',
    ]);
    assert.deepEqual(decisions(secondEnd), ['decided already: confirmed']);
    await assertRunsAndBoots(host, toplevel);
  }),
);

test(
  'confirm and abort at the same moment: exactly one is told accepted, and all three tell the end that it stands for',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const first = await untilAsked(lease, host, flake);
    const [confirm, abort] = await Promise.all([
      flurry(lease, ['confirm', host.name]),
      flurry(lease, ['abort', host.name]),
    ]);
    const firstEnd = await first.ended;
    const accepted = [confirm, abort].flatMap((run) => decisions(run).filter((said) => said.startsWith('accepted')));
    assert.equal(accepted.length, 1, `${confirm.tail}\n${abort.tail}`);
    const confirmed = accepted[0] === 'accepted: confirmed; its verdict is awaited';
    const verdict = confirmed ? 'promoted' : 'rolled-back';
    await assertRunsAndBoots(host, confirmed ? await flake.toplevel(host.name) : lease.baseToplevel);
    assert.equal(firstEnd.result(host.name).verdict, verdict, firstEnd.tail);
    assert.equal((confirmed ? confirm : abort).result(host.name).verdict, verdict);
    // Who came second may have come when it was over.
    const loser = (confirmed ? abort : confirm).result(host.name);
    assert.ok(loser.verdict === verdict || loser.code === 'nothing-to-decide', (confirmed ? abort : confirm).tail);
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
