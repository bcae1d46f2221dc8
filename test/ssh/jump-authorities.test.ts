import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownHostsFiles } from '../../src/ssh/host-keys/known-hosts-files.ts';
import { refuseTrustingJumps } from '../../src/ssh/openssh/jump-authorities.ts';
import { parseSshSettings } from '../../src/ssh/settings/ssh-settings.ts';

/** A host behind a jump host with these lines in what `ssh -G` prints of it. */
function behind(lines: string) {
  const printed = (name: string) => `host ${name}\nhostname ${name}\nuser root\nport 22\n`;
  const jump = { ...parseSshSettings(`${printed('bastion')}${lines}\n`, {}), via: { kind: 'direct' } } as const;
  const host = parseSshSettings(printed('web1'), {});
  return { ...host, via: { kind: 'jump', jump: { name: 'bastion', settings: jump } } } as const;
}

for (const word of ['no', 'off', 'false']) {
  test(`a jump host whose changed key ssh would take (StrictHostKeyChecking ${word}) is refused`, async () => {
    const said = 'StrictHostKeyChecking no: ssh would go on past a changed key of a jump host: set accept-new for it';
    await assert.rejects(refuseTrustingJumps(behind(`stricthostkeychecking ${word}`), new KnownHostsFiles()), {
      problem: { code: 'host-key-unchecked', name: 'bastion', said, jump: 'bastion' },
    });
  });
}

for (const word of ['yes', 'ask', 'accept-new']) {
  test(`a jump host with StrictHostKeyChecking ${word} is left to ssh`, async () => {
    await refuseTrustingJumps(behind(`stricthostkeychecking ${word}`), new KnownHostsFiles());
  });
}
