import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { secondSshd } from '../ssh/second-sshd.ts';
import { askingConfig, password } from './asking-host.ts';
import { inTerminal } from './drawn-on-terminal.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, flurryProgram } from './run-flurry.ts';

// What a person is asked for on the way to a host: passphrases, host keys, passwords.

const skip = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …';

test(
  'the live screen makes room for questions, and goes on when they are answered; Ctrl-C interrupts; without a terminal nobody is asked',
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
    const alone = await flurry(lease, ['check', host.name]);
    assert.equal(alone.result(host.name).code, 'host-key-unknown', alone.tail);

    const interrupted = flurryOnTerminal(lease, ['check', host.name]);
    await interrupted.untilShown('trust it from now on? ');
    interrupted.type('y\u0003');
    assert.equal((await interrupted.ended).code, 130, interrupted.screen());

    const program = [process.execPath, flurryProgram, 'check', host.name];
    const thenTerminal = '"$@"; code=$?; stty -a | grep -w -e -icanon -e -echo; exit $code';
    const run = await inTerminal(['sh', '-c', thenTerminal, 'sh', ...program], {
      columns: 140,
      rows: 24,
      cwd: lease.directory,
      environment: {
        PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
        HOME: join(lease.directory, 'home'),
        LC_ALL: 'C.UTF-8',
        NO_COLOR: '1',
        FLURRY_SSH_CONFIG: lease.sshConfig,
      },
      limitMs: 60_000,
      answers: [
        { to: 'trust it from now on? [yes/no/the fingerprint]', typed: 'yes\r' },
        { to: ') Password:', typed: `${password}\r` },
      ],
    });
    assert.equal(run.code, 0, run.everything);
    const asked = run.frames.find((frame) => frame.includes('trust it')) ?? '';
    const [summary, row, ...question] = asked.trimEnd().split('\n').slice(-7);
    assert.match(summary ?? '', /1 host: 1 (?:waiting|connecting)/);
    assert.match(row ?? '', new RegExp(`${host.name} +(?:waiting|connecting)`));
    assert.match(
      question.join('\n'),
      /^the host key of .*\n {2}ed25519 SHA256:\S+\ncompare .*\n {2}cat .*\ntrust it from now on\? \[yes\/no\/the fingerprint\]$/,
    );
    for (const text of ['trust it', 'Password', password]) assert.ok(!run.everything.includes(text), run.everything);
    assert.doesNotMatch(run.everything, /-icanon|-echo/);
    assert.match(run.everything, /healthy/);
    assert.equal(run.cursor, 'shown');
    assert.match(await readFile(join(lease.directory, 'known-anew'), 'utf8'), /ssh-ed25519/);
  }),
);
