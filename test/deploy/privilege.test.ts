import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { addDeployUser, allowSudo } from './deploy-user.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertUntouched } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'a wrong password of sudo is tried once on the host; it is refused with the reason, and not touched',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL:ALL) ALL\n', 'the right one');
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const destination = `deploy@${host.name}`;

    const unasked = await flurry(lease, ['check', destination]);
    assert.deepEqual([unasked.code, unasked.result(host.name).verdict], [0, 'healthy'], unasked.tail);
    const lack = 'user "deploy" may not become root by sudo without a password';
    const warning = `a deploy would be refused: ${lack}; what to do: flurry --help privilege`;
    assert.ok(notes(unasked).includes(warning), unasked.tail);

    await writeFile(join(lease.directory, 'password'), 'a wrong one\nand more\n');
    const from = ['--elevate-password-file', 'password'];
    const run = await flurry(lease, [destination, '-f', flake.directory, ...from]);
    const { verdict, code, reason, remedy } = run.result(host.name);
    assert.deepEqual([run.code, verdict, code], [1, 'refused', 'no-privilege'], run.tail);
    assert.equal(reason, 'sudo did not take the password for user "deploy": Sorry, try again');
    assert.match(remedy ?? '', /^it was sent to the host once, and is not tried again/);
    const { stdout: tried } = await host.inside(
      'journalctl --no-pager -o cat SYSLOG_IDENTIFIER=sudo | grep -c "pam_unix(sudo:auth): authentication failure"',
    );
    assert.equal(tried.trim(), '1');
    await assertUntouched(host, lease.baseToplevel);
  }),
);

test(
  'the password of sudo is asked for once, before anything else is shown, and not echoed; without a terminal that is exit 2',
  options,
  withHosts(2, async (lease) => {
    const names = lease.hosts.map(({ name }) => `deploy@${name}`);
    const password = 'for both "$(id)" ü';
    for (const host of lease.hosts) {
      await addDeployUser(host);
      await allowSudo(host, 'deploy ALL=(ALL:ALL) ALL\n', password);
    }
    const run = flurryOnTerminal(lease, ['check', ...names, '-S', '-o', 'json', '-v']);
    await run.untilShown('password of sudo on the hosts: ');
    assert.equal(run.screen(), 'password of sudo on the hosts: ');
    run.type(`${password}\r`);
    const end = await run.ended;
    assert.equal(end.code, 0, end.tail);
    assert.equal(run.screen().split('password').length, 2, run.screen());
    assert.ok(!run.screen().includes('for both'), run.screen());
    assert.deepEqual(notes(end), []);

    const unasked = await flurry(lease, ['check', ...names, '-S']);
    assert.equal(unasked.code, 2, unasked.tail);
    assert.match(unasked.stderr, /--ask-elevate-password/);
    assert.match(unasked.stderr, /--elevate-password-command or --elevate-password-file gives it/);
  }),
);

function notes(run: Awaited<ReturnType<typeof flurry>>): readonly string[] {
  return run.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
}
