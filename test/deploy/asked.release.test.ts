import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { askingConfig, passphrase, password, wantsBoth, whatProgramsShow } from './asking-host.ts';
import { addToSshConfig, fileIn } from './bad-hosts.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry } from './run-flurry.ts';

// What a person is asked for on the way to a host: passphrases, host keys, passwords.

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …';

test(
  'passphrase, host key and password are asked for once each, for a whole deployment, and are found nowhere else',
  { skip },
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await using sshd = await secondSshd(lease, host, wantsBoth);
    await askingConfig(lease, host, sshd.port);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const run = flurryOnTerminal(lease, ['-o', 'json', '-v', host.name], { cwd: flake.directory });
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
    // What is looked through does hold the run.
    for (const text of [before, later]) assert.match(text, /flurry\.js -o json -v/);
    assert.match(journal, /flurry-activate/);
    const places = { before, later, onHost, journal, log: await sshd.log(), output: end.stdout, screen: run.screen() };
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.length > 0, place);
      for (const secret of [passphrase, password]) assert.ok(!text.includes(secret), `a secret is in: ${place}`);
    }
  }),
);

test(
  'a host whose key has changed hears of no user and sees no key: its log has no authentication',
  { skip },
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await using sshd = await secondSshd(lease, host);
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZ3r0Hc1HcqWwYkCkVZ8WQ0yM6n1mPzqk1f0hQ0mJx1';
    const changed = await fileIn(lease, 'changed', `# by hand\n[${host.address}]:${sshd.port} ${other}\n`);
    await addToSshConfig(lease, host.name, [`Port ${sshd.port}`, `UserKnownHostsFile ${changed}`]);
    const { tail, ...run } = await flurry(lease, ['check', host.name]);
    const { code, reason } = run.result(host.name);
    assert.equal(code, 'host-key-changed', tail);
    assert.ok(reason.includes(`${changed}:2`), reason);
    const log = await sshd.log();
    assert.match(log, /^Connection from /m);
    assert.doesNotMatch(log, /userauth|Accepted|Failed/);
  }),
);
