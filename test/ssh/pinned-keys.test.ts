import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Session } from '../../src/core/ports.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fingerprint } from '../../src/ssh/host-keys/known-hosts.ts';
import { type KeyPair, keyPair, type OwnServer, ownServer } from './own-server.ts';

const withoutSsh = spawnSync('ssh', ['-V']).error !== undefined && 'there is no ssh here';

for (const transport of ['builtin', 'openssh'] as const) {
  const skip = transport === 'openssh' && withoutSsh;

  const connect = async (server: OwnServer, pins: readonly KeyPair[], lines: readonly string[] = []) => {
    const sshConfigFile = await server.sshConfig(lines);
    const host = { name: 'own', address: 'own', hostKeys: pins.map(publicKey) };
    return await sshConnect({ transport, sshConfigFile })(host, { timeoutMs: 20_000, signal: never });
  };

  test(`a pinned key is enough: known_hosts is neither needed nor asked nor written (${transport})`, {
    skip,
  }, async () => {
    await using server = await ownServer();
    const file = join(server.directory, 'other');
    const other = `[127.0.0.1]:${server.port} ${publicKey(keyPair())}\n@revoked * ${publicKey(server.hostKey)}\n`;
    await writeFile(file, other);
    const lines = [`UserKnownHostsFile ${file}`, 'StrictHostKeyChecking accept-new'];
    await close(connect(server, [keyPair(), server.hostKey], lines));
    assert.equal(await readFile(file, 'utf8'), other);
  });

  for (const policy of ['yes', 'accept-new', 'no']) {
    test(`another key than the pinned one is refused with StrictHostKeyChecking ${policy}, though known_hosts has it (${transport})`, {
      skip,
    }, async () => {
      await using server = await ownServer();
      const pin = keyPair();
      await assert.rejects(connect(server, [pin], [`StrictHostKeyChecking ${policy}`]), {
        problem: {
          code: 'host-key-not-pinned',
          name: `[127.0.0.1]:${server.port}`,
          shown: `ssh-ed25519 ${fingerprint(server.hostKey.blob)}`,
          pinned: [`ssh-ed25519 ${fingerprint(pin.blob)}`],
        },
      });
      assert.deepEqual([server.log.connections, server.log.authentications], [1, []]);
    });
  }

  test(`nothing else that ssh could trust stands in for a pinned key (${transport})`, { skip }, async () => {
    await using server = await ownServer();
    const authority = join(server.directory, 'authority');
    await writeFile(authority, `@cert-authority * ${publicKey(server.hostKey)}\n`);
    for (const lines of [
      ['NoHostAuthenticationForLocalhost yes'],
      [`KnownHostsCommand /bin/echo [127.0.0.1]:${server.port} ${publicKey(server.hostKey)}`],
      ['VerifyHostKeyDNS yes'],
      [`UserKnownHostsFile ${authority}`],
    ]) {
      await assert.rejects(connect(server, [keyPair()], lines), { message: 'host-key-not-pinned' }, lines.join());
      await close(connect(server, [server.hostKey], lines));
    }
  });

  test(`a jump host before a pinned host is judged by known_hosts, as ever (${transport})`, { skip }, async () => {
    await using bastion = await ownServer();
    await using server = await ownServer();
    const behind = async (known: string): Promise<Session> => {
      const file = join(server.directory, 'of-the-bastion');
      await writeFile(file, known);
      const config = await server.sshConfig(['ProxyJump bastion']);
      const jump = [
        ...['Host bastion', 'HostName 127.0.0.1', `Port ${bastion.port}`, 'User root', `UserKnownHostsFile ${file}`],
        ...[`IdentityFile ${join(bastion.directory, 'user_key')}`, 'IdentitiesOnly yes', 'IdentityAgent none'],
        ...['GlobalKnownHostsFile none', 'StrictHostKeyChecking yes'],
      ];
      await writeFile(config, `${await readFile(config, 'utf8')}${jump.join('\n  ')}\n`);
      const host = { name: 'own', address: 'own', hostKeys: [publicKey(server.hostKey)] };
      return await sshConnect({ transport, sshConfigFile: config })(host, { timeoutMs: 20_000, signal: never });
    };
    await close(behind(`[127.0.0.1]:${bastion.port} ${publicKey(bastion.hostKey)}\n`));
    await assert.rejects(behind('# nothing\n'), { message: /^host-key-un(known|checked)$/ });
    assert.equal(server.log.connections, 1);
  });
}

const never = new AbortController().signal;

function publicKey({ blob }: KeyPair): string {
  return `ssh-ed25519 ${blob.toString('base64')}`;
}

async function close(opening: Promise<Session>): Promise<void> {
  await (await opening).close();
}
