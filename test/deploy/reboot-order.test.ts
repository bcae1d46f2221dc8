import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RebootOrder, rebootOrderOf } from '../../src/deploy/reboot-order.ts';

test('a host waits for all that are reached through it, near or far, and for no others', async () => {
  const order = startedOrder(['gate', 'bastion', 'web1', 'web2', 'dead']);
  order.reached('gate', { address: '10.0.0.1', jumps: [] });
  order.reached('bastion', { address: '10.0.0.2', jumps: ['10.0.0.1'] });
  order.reached('web1', { address: '10.0.0.3', jumps: ['10.0.0.2', '10.0.0.1'] });
  order.reached('web2', { address: '10.0.0.4', jumps: [] });
  const passed: string[] = [];
  const waiting = ['gate', 'bastion', 'web1', 'web2'].map((host) =>
    order.othersEnded(host).then(() => {
      passed.push(host);
      order.ended(host);
    }),
  );
  await settled();
  assert.deepEqual(passed, []);
  // Only now is it known that nothing leads anywhere from there.
  order.ended('dead');
  await Promise.all(waiting);
  assert.deepEqual(passed.toSorted(), ['bastion', 'gate', 'web1', 'web2']);
  assert.deepEqual(
    passed.filter((host) => host !== 'web2'),
    ['web1', 'bastion', 'gate'],
  );
});

test('two hosts with the same private addresses behind each other do not wait for each other', async () => {
  const order = startedOrder(['a', 'b']);
  order.reached('a', { address: '10.0.0.1', jumps: ['10.0.0.2'] });
  order.reached('b', { address: '10.0.0.2', jumps: ['10.0.0.1'] });
  await Promise.all([order.othersEnded('a'), order.othersEnded('b')]);
});

test('a host without a way waits for nobody', async () => {
  const order = startedOrder(['local', 'web1']);
  order.reached('local', undefined);
  order.reached('web1', { address: '10.0.0.1', jumps: [] });
  await order.othersEnded('local');
});

test('a host that has not started, as one of a later wave, is not waited for, though it was reached', async () => {
  const order = rebootOrderOf(['bastion', 'web1']);
  order.started('bastion');
  order.reached('bastion', { address: '10.0.0.1', jumps: [] });
  order.reached('web1', { address: '10.0.0.2', jumps: ['10.0.0.1'] });
  await order.othersEnded('bastion');
});

/** Of hosts that have all started. */
function startedOrder(hosts: readonly string[]): RebootOrder {
  const order = rebootOrderOf(hosts);
  hosts.forEach(order.started);
  return order;
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
