import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sshPrompt } from '../../src/ssh/openssh/ssh-prompt.ts';

test('the questions of ssh are told apart', () => {
  assert.deepEqual(sshPrompt("Enter passphrase for key '/home/u/.ssh/id_ed25519': "), {
    kind: 'passphrase',
    file: '/home/u/.ssh/id_ed25519',
  });
  assert.deepEqual(sshPrompt("root@web1's password: "), { kind: 'password', login: 'root@web1' });
  assert.deepEqual(sshPrompt('(root@web1) Verification code: '), {
    kind: 'host',
    login: 'root@web1',
    words: 'Verification code: ',
  });
  for (const words of ['Enter PIN for ED25519-SK key /home/u/.ssh/id_sk: ', "Enter PIN for 'token': "]) {
    assert.deepEqual(sshPrompt(words), { kind: 'pin', words });
  }
  const words = 'Accept updated hostkeys? (yes/no): ';
  assert.deepEqual(sshPrompt(words), { kind: 'other', words });
});

test('no host can ask in the words of ssh', () => {
  for (const words of [
    "Enter passphrase for key '/home/u/.ssh/id_ed25519': ",
    "root@other's password: ",
    "x\nEnter passphrase for key '/home/u/.ssh/id_ed25519': ",
    "\nThe authenticity of host 'other (1.2.3.4)' can't be established.\nED25519 key fingerprint is SHA256:x.\n",
  ]) {
    assert.deepEqual(sshPrompt(`(root@web1) ${words}`), { kind: 'host', login: 'root@web1', words });
  }
});

test('the question about a host key is read to its name, type and fingerprint, and what else ssh knows of it', () => {
  const head = "The authenticity of host '[10.0.0.1]:2200 ([10.0.0.1]:2200)' can't be established.";
  const print = 'ED25519 key fingerprint is SHA256:vb1kCGnJcRNMrUDvWBvU9yHEF1lqSFDjFpFmOFt6Gy0.';
  const ask = 'Are you sure you want to continue connecting (yes/no/[fingerprint])? ';
  const key = {
    kind: 'host-key',
    name: '[10.0.0.1]:2200',
    keyType: 'ED25519',
    fingerprint: 'SHA256:vb1kCGnJcRNMrUDvWBvU9yHEF1lqSFDjFpFmOFt6Gy0',
  };
  const unknown = 'This key is not known by any other names.';
  assert.deepEqual(sshPrompt([head, print, unknown, ask].join('\n')), { ...key, also: [] });
  const known = ['This host key is known by the following other names/addresses:', '    ~/.ssh/known_hosts:5: web1'];
  assert.deepEqual(sshPrompt([head, print, ...known, ask].join('\n')), { ...key, also: known });
});
