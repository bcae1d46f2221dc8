import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  '--ssh-option and NIX_SSHOPTS say how a host is reached, the command line first',
  options,
  withHosts(2, async (lease) => {
    const [host, bastion] = lease.hosts;
    assert.ok(host && bastion);
    const logins = async () => (await bastion.facts()).sshAccepted;
    const before = await logins();
    const environment = { NIX_SSHOPTS: `-J ${bastion.name} -o "User nobody-there"` };
    const asRoot = await flurry(lease, ['check', host.name, '--ssh-option', 'User=root'], { environment });
    assert.equal(asRoot.result(host.name).verdict, 'healthy', asRoot.tail);
    assert.equal((await logins()) - before, 1);
    const direct = await flurry(lease, ['check', `root@${host.name}`, '--ssh-option', 'ProxyJump=none'], {
      environment,
    });
    assert.equal(direct.result(host.name).verdict, 'healthy', direct.tail);
    assert.equal((await logins()) - before, 1);
    const asNobody = await flurry(lease, ['check', host.name], { environment });
    assert.equal(asNobody.result(host.name).code, 'authentication-failed', asNobody.tail);
  }),
);
