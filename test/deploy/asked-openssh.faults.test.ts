import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { askingConfig, passphrase, password, wantsBoth, whatProgramsShow } from './asking-host.ts';
import { addToSshConfig } from './bad-hosts.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry } from './run-flurry.ts';

// What OpenSSH asks on the way to a host. With the long tests: the ways of one prompt are in test/ssh/openssh-asking.

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …';

test(
  'by OpenSSH as well, passphrase, host key and password are asked for once each, for a whole deployment, and are found nowhere else',
  { skip },
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await using sshd = await secondSshd(lease, host, wantsBoth);
    await askingConfig(lease, host, sshd.port);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const run = flurryOnTerminal(lease, ['--transport', 'openssh', '-o', 'json', '-v', host.name], {
      cwd: flake.directory,
    });
    await run.untilShown('passphrase of the key ');
    run.type(`${passphrase}\r`);
    await run.untilShown('trust it from now on? ');
    run.type('yes\r');
    await run.untilShown("'s password: ");
    const before = await whatProgramsShow();
    run.type(`${password}\r`);
    await run.until('a tested system', (event) => event.event === 'phase-started' && event.phase === 'test');
    const later = await whatProgramsShow();
    const onHost = (await host.inside('ps axeww -o args')).stdout;
    const end = await run.ended;

    assert.equal(end.result(host.name).verdict, 'promoted', end.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    const asked = ['passphrase of the key ', 'trust it from now on? ', "'s password: "];
    assert.deepEqual(
      asked.map((question) => run.screen().split(question).length - 1),
      [1, 1, 1],
      run.screen(),
    );
    // The confirmation came over a connection of its own.
    assert.equal(await sshd.count(/^Accepted password for root/), 2);
    const journal = (await host.inside('journalctl --no-pager --all --output=export')).stdout;
    assert.match(before, /FLURRY_ASKPASS_NODE=/);
    assert.match(journal, /flurry-activate/);
    const places = { before, later, onHost, journal, log: await sshd.log(), output: end.stdout, screen: run.screen() };
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.length > 0, place);
      for (const secret of [passphrase, password]) assert.ok(!text.includes(secret), `a secret is in: ${place}`);
    }
  }),
);

test(
  'by OpenSSH: a password behind PAM is asked for on a terminal; without one, and with BatchMode, it fails at once with the remedy',
  { skip },
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await using sshd = await secondSshd(lease, host, [
      'AuthenticationMethods=publickey,keyboard-interactive:pam',
      'KbdInteractiveAuthentication=yes',
      'PermitRootLogin=yes',
    ]);
    await askingConfig(lease, host, sshd.port, lease.identity);
    const check = ['--transport', 'openssh', 'check', host.name];
    const unknown = await flurry(lease, check);
    assert.equal(unknown.result(host.name).code, 'host-key-unknown', unknown.tail);
    const run = flurryOnTerminal(lease, [...check, '-o', 'json']);
    await run.untilShown('trust it from now on? ');
    run.type('yes\r');
    await run.untilShown(') Password:');
    run.type('wrong\r');
    await run.untilShown('permission denied, please try again.');
    run.type(`${password}\r`);
    const { tail, ...end } = await run.ended;
    assert.equal(end.result(host.name).verdict, 'healthy', tail);

    const alone = await flurry(lease, check);
    assert.equal(alone.result(host.name).code, 'authentication-failed', alone.tail);
    assert.match(JSON.stringify(alone.events), /run flurry on a terminal, where it asks for it/);
    await addToSshConfig(lease, host.name, ['BatchMode yes']);
    const batch = flurryOnTerminal(lease, [...check, '-o', 'json']);
    const inBatch = await batch.ended;
    assert.match(JSON.stringify(inBatch.events), /BatchMode is set in the ssh configuration/);
    // Each of the four runs was one login, never tried again.
    assert.equal(await sshd.count(/^Connection from /), 4);
  }),
);
