import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { planAndDeploy } from './plan-and-deploy.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a plan changes nothing on the host but its store, and the deployment then comes as it was told',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const { plan } = await planAndDeploy(lease, host, [host.name], flake.directory);
    assert.deepEqual([plan?.verdict, plan?.units?.started], ['promoted', ['own.service']]);
  }),
);
