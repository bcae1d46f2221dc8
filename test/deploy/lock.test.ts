import assert from 'node:assert/strict';
import { hostname, userInfo } from 'node:os';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const owner = `${userInfo().username}@${hostname()}`;

test(
  'while a deployment waits on the host a second one is refused, and told who, since when, in which state and what to type; --wait-lock waits for so long, and then goes on to promote',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: service('own'),
      second: `${service('own')} ${service('more')}`,
    });
    const first = flurryOnTerminal(lease, ['--confirm', 'ask', '-o', 'json', host.name], { cwd: flake.directory });
    await first.untilShown('keep the new system? [y/N] ');
    const destination = `${host.name}/second`;
    const started = await first.until('it has begun', (event) => event.event === 'run-started');
    assert.ok(started.event === 'run-started');
    const { stdout: since } = await host.inside('cat /run/flurry/*/since');

    const refused = await flurry(lease, [destination], { cwd: flake.directory });
    const { verdict, code, reason, remedy } = refused.result(host.name);
    assert.deepEqual(
      { verdict, code, reason, remedy, exit: refused.code },
      {
        verdict: 'refused',
        code: 'locked',
        reason: `${owner} deploys to the host since ${since.trim()} (deployment ${started.deployment}, waiting); the system of the host was not changed by this one`,
        remedy: [
          'to wait until that is done, and deploy then:',
          `  flurry ${destination} --ssh-config ${lease.sshConfig} --settle 500ms --output json --wait-lock 10m`,
          'to see what it does, and how it ends:',
          `  flurry attach ${destination} --ssh-config ${lease.sshConfig}`,
          'to stop it, if you may; the host then puts itself back:',
          `  flurry abort ${destination} --ssh-config ${lease.sshConfig}`,
        ].join('\n'),
        exit: 1,
      },
      refused.tail,
    );

    const impatient = await flurry(lease, [destination, '--wait-lock', '2s'], { cwd: flake.directory });
    assert.deepEqual([impatient.result(host.name).code, impatient.code], ['locked', 1], impatient.tail);
    const waits = `waiting for ${owner} (deployment ${started.deployment}, waiting) to be done`;
    assert.ok(
      impatient.events.some((event) => event.event === 'note' && event.message === waits),
      impatient.tail,
    );

    const patient = startFlurry(lease, ['-o', 'json', destination, '--wait-lock', '60s'], { cwd: flake.directory });
    await patient.until('it waits', (event) => event.event === 'note' && event.message === waits);
    first.type('y\n');
    const [firstEnd, patientEnd] = await Promise.all([first.ended, patient.ended]);
    assert.deepEqual([firstEnd.result(host.name).verdict, firstEnd.code], ['promoted', 0], firstEnd.tail);
    assert.deepEqual([patientEnd.result(host.name).verdict, patientEnd.code], ['promoted', 0], patientEnd.tail);
    await assertRunsAndBoots(host, await flake.toplevel('second'));
    await assertNothingLeft(host);
  }),
);
