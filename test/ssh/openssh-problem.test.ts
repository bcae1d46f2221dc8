import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKnownHosts } from '../../src/ssh/host-keys/known-hosts.ts';
import { type FailedMaster, masterProblem } from '../../src/ssh/openssh/openssh-problem.ts';
import { parseSshSettings } from '../../src/ssh/settings/ssh-settings.ts';

const printed = 'host web1\nhostname 10.0.0.1\nuser root\nport 22';
const settings = { ...parseSshSettings(printed, {}), via: { kind: 'direct' } } as const;

/** What ssh said, at LogLevel DEBUG1. */
function judged(said: string, overdue = false, more: Partial<FailedMaster> = {}) {
  const lines = said.trim().split('\n');
  const known = parseKnownHosts('/k', '');
  const nobody = { asks: 'person', notGiven: undefined, refusedKey: undefined, askedOfKey: false, locked: [] } as const;
  return masterProblem({ settings, said: lines, overdue, timeoutMs: 15_000, tries: 1, known, ...nobody, ...more });
}

const connecting = `
debug1: Connecting to 10.0.0.1 [10.0.0.1] port 22.`;
const authenticating = `${connecting}
debug1: Connection established.
debug1: Authenticating to 10.0.0.1:22 as 'root'
debug1: Server host key: ssh-ed25519 SHA256:vb1kCGnJcRNMrUDvWBvU9yHEF1lqSFDjFpFmOFt6Gy0
debug1: Authentications that can continue: publickey,password
debug1: Next authentication method: publickey
debug1: Offering public key: /home/u/.ssh/id_ed25519 ED25519 SHA256:ZLYhuJ0pyB9V3yxVDPuzzuLVRZ9vyhyyUd1mzFkHT5c explicit
debug1: Offering public key: u@laptop RSA SHA256:0v6zFBPTr1Yo1ozZVJTJzmW6UxQ7oVQCmFl5bM2RRbk agent`;

test('a login that is refused names the keys that were offered, and is never tried again', () => {
  const tried = ['/home/u/.ssh/id_ed25519', 'agent key u@laptop (SHA256:0v6zFBPTr1Yo1ozZVJTJzmW6UxQ7oVQCmFl5bM2RRbk)'];
  const refused = { problem: { code: 'authentication-failed', user: 'root', tried }, again: 'useless' };
  assert.deepEqual(judged(`${authenticating}\nroot@10.0.0.1: Permission denied (publickey,password).`), refused);
  const tooMany = 'Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures';
  assert.deepEqual(judged(`${authenticating}\n${tooMany}\nDisconnected from 10.0.0.1 port 22`), refused);
});

test('a host that hangs up before it has named its methods is tried again, afterwards it is not', () => {
  const early = 'kex_exchange_identification: read: Connection reset by peer\nConnection reset by 10.0.0.1 port 22';
  assert.deepEqual(judged(`${connecting}\n${early}`), {
    problem: { code: 'handshake-failed', said: early },
    again: 'worth-it',
  });
  assert.equal(judged(`${authenticating}\nConnection closed by 10.0.0.1 port 22`).again, 'useless');
});

test('a limit that is over is tried again only where no login was under way', () => {
  const problem = { code: 'connect-timeout', address: '10.0.0.1', port: 22, afterMs: 15_000, tries: 1 };
  assert.deepEqual(judged(connecting, true), { problem, again: 'worth-it' });
  assert.deepEqual(judged(authenticating, true), { problem, again: 'useless' });
});

test('a network that says no is told by its address, also where it is that of a jump host', () => {
  const refused = judged(
    'ssh: connect to host bastion port 2222: Connection refused\nConnection closed by UNKNOWN port 65535',
  );
  assert.deepEqual(refused, {
    problem: { code: 'connection-refused', address: 'bastion', port: 2222 },
    again: 'worth-it',
  });
  assert.deepEqual(judged('ssh: connect to host 10.0.0.1 port 22: No route to host').problem, {
    code: 'no-route',
    address: '10.0.0.1',
    port: 22,
    said: 'No route to host',
  });
  assert.deepEqual(
    judged('ssh: connect to host 10.0.0.1 port 22: Connection timed out').problem.code,
    'connect-timeout',
  );
});

test('a jump host that opens no way further is told by its name and with its words', () => {
  const said = `channel 0: open failed: HOW
stdio forwarding failed
Connection closed by UNKNOWN port 65535`;
  const through = (how: string) =>
    judged(said.replace('HOW', how), false, {
      settings: { ...settings, via: { kind: 'jump', jump: { name: 'bastion', settings } } },
    });
  const problem = { code: 'jump-refused', jumpHost: 'bastion', address: '10.0.0.1', port: 22 };
  assert.deepEqual(through('connect failed: Connection refused'), {
    problem: { ...problem, why: 'failed', said: 'Connection refused' },
    again: 'worth-it',
  });
  assert.deepEqual(through('administratively prohibited: open failed'), {
    problem: { ...problem, why: 'forbidden', said: 'open failed' },
    again: 'useless',
  });
});

test('a name without an address is not looked up again, unless the resolver could not be asked', () => {
  const problem = { code: 'unknown-address', address: 'web9.example' };
  const said = 'ssh: Could not resolve hostname web9.example: ';
  assert.deepEqual(judged(`${said}Name or service not known`), { problem, again: 'useless' });
  assert.deepEqual(judged(`${said}Temporary failure in name resolution`), { problem, again: 'worth-it' });
});

test('words that are not known are told as they are, and nothing is tried again', () => {
  const said = 'Unable to negotiate with 10.0.0.1 port 22: no matching cipher found. Their offer: aes128-cbc';
  assert.deepEqual(judged(`${connecting}\n${said}`), { problem: { code: 'handshake-failed', said }, again: 'useless' });
  assert.deepEqual(judged('sign_and_send_pubkey: something new'), {
    problem: { code: 'handshake-failed', said: 'sign_and_send_pubkey: something new' },
    again: 'useless',
  });
  assert.deepEqual(judged('').problem, { code: 'handshake-failed', said: 'ssh ended without a word' });
});

test('what nobody was asked is told with the remedy: a terminal, or BatchMode gone', () => {
  const denied = `${authenticating}\nroot@10.0.0.1: Permission denied (publickey,password).`;
  const unasked = (more: Partial<FailedMaster>) => {
    const { problem } = judged(denied, false, { asks: 'never', ...more });
    return problem.code === 'authentication-failed' ? problem.unasked : problem.code;
  };
  assert.equal(unasked({}), 'no-terminal');
  const batch = { ...settings, login: { ...settings.login, asks: 'never' } } as const;
  assert.equal(unasked({ settings: batch }), 'batch-mode');
  assert.equal(unasked({ settings: { ...settings, login: { ...settings.login, order: ['publickey'] } } }), undefined);
});

test('an encrypted key that the host would have taken is the problem; one that it would not is told so', () => {
  const file = '/home/u/.ssh/id_ed25519';
  const said = 'encrypted, and the agent does not hold it: unlock it with ssh-add';
  const accepted = `${authenticating}
debug1: Server accepts key: ${file} ED25519 SHA256:ZLYhuJ0pyB9V3yxVDPuzzuLVRZ9vyhyyUd1mzFkHT5c explicit
root@10.0.0.1: Permission denied (publickey,password).`;
  const shut = { asks: 'never', locked: [file] } as const;
  assert.deepEqual(judged(accepted, false, shut).problem, { code: 'key-unusable', file, said });
  const other = judged(`${authenticating}\nroot@10.0.0.1: Permission denied (publickey).`, false, shut).problem;
  assert.ok(other.code === 'authentication-failed');
  assert.deepEqual(other.tried[0], `${file} (${said})`);
});

test('a host that hangs up while the person thinks about a passphrase is tried again, and only then', () => {
  const hungUp = `${authenticating}\nConnection closed by 10.0.0.1 port 22`;
  assert.equal(judged(hungUp).again, 'useless');
  assert.equal(judged(hungUp, false, { askedOfKey: true }).again, 'worth-it');
});
