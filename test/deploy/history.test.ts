import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'the history of a host to which nothing was deployed is empty, also for a login without root; one that only root may read is refused to it',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const read = async (login: string) => {
      const end = await flurry(lease, ['history', `${login}@${host.name}`]);
      const told = end.events.find((event) => event.event === 'history');
      return [end.result(host.name).verdict, end.result(host.name).code, told?.deployments];
    };
    assert.deepEqual(await read('alice'), ['seen', null, []]);
    await host.inside(
      'mkdir -p /var/lib/flurry && touch /var/lib/flurry/history.jsonl && chmod 600 /var/lib/flurry/history.jsonl',
    );
    assert.deepEqual(await read('alice'), ['refused', 'no-privilege', undefined]);
    assert.deepEqual(await read('bob'), ['seen', null, []]);
  }),
);
