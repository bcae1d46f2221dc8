import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { keyPair, type OwnServer, ownServer } from './own-server.ts';

// The same server and the same known_hosts file, for flurry and for the ssh that is installed here.

const skip = spawnSync('ssh', ['-V']).error !== undefined && 'there is no ssh here';

type Found = 'known' | 'unknown' | 'changed' | 'revoked';
interface Keys {
  /** Where the server listens: 127.0.0.1 and its port. */
  readonly port: number;
  readonly own: string;
  readonly other: string;
}

const cases: readonly (readonly [claim: string, lines: (keys: Keys) => readonly string[], found: Found])[] = [
  ['a name with its port', ({ port, own }) => [`[127.0.0.1]:${port} ${own}`], 'known'],
  ['a hashed name with its port', ({ port, own }) => [`${hashed(`[127.0.0.1]:${port}`)} ${own}`], 'known'],
  ['the name without a port', ({ own }) => [`127.0.0.1 ${own}`], 'known'],
  ['the hashed name without a port', ({ own }) => [`${hashed('127.0.0.1')} ${own}`], 'known'],
  ['another key without a port', ({ other }) => [`127.0.0.1 ${other}`], 'unknown'],
  ['another port', ({ own }) => [`[127.0.0.1]:1 ${own}`], 'unknown'],
  ['a pattern', ({ own }) => [`[127.0.0.*]:* ${own}`], 'known'],
  ['a pattern of single characters', ({ port, own }) => [`[127.?.0.1]:${port} ${own}`], 'known'],
  ['a negation of the name with its port', ({ port, own }) => [`*,![127.0.0.1]:${port} ${own}`], 'known'],
  ['a negation of both names', ({ port, own }) => [`*,![127.0.0.1]:${port},!127.* ${own}`], 'unknown'],
  ['a negation of something else', ({ port, own }) => [`![127.0.0.2]:${port},* ${own}`], 'known'],
  ['another key', ({ port, other }) => [`[127.0.0.1]:${port} ${other}`], 'changed'],
  ['another key by a hashed name', ({ port, other }) => [`${hashed(`[127.0.0.1]:${port}`)} ${other}`], 'changed'],
  [
    'another key in the first line, the right one in the second',
    ({ port, own, other }) => [`[127.0.0.1]:${port} ${other}`, `[127.0.0.1]:${port} ${own}`],
    'known',
  ],
  [
    'a revoked key that is known as well',
    ({ port, own }) => [`[127.0.0.1]:${port} ${own}`, `@revoked * ${own}`],
    'revoked',
  ],
  [
    'another key that is revoked',
    ({ port, own, other }) => [`@revoked * ${other}`, `[127.0.0.1]:${port} ${own}`],
    'known',
  ],
  [
    'an authority, its revocation, and the plain key beside them',
    ({ port, own, other }) => [`@cert-authority * ${other}`, `@revoked * ${other}`, `[127.0.0.1]:${port} ${own}`],
    'known',
  ],
  ['nothing', () => ['# nothing'], 'unknown'],
];

for (const [claim, lines, found] of cases) {
  test(`known_hosts with ${claim}: ${found}, for ssh as for flurry`, { skip }, async () => {
    await using server = await ownServer();
    const { port } = server;
    const [own, other] = [server.hostKey, keyPair()].map(({ blob }) => `ssh-ed25519 ${blob.toString('base64')}`);
    assert.ok(own !== undefined && other !== undefined);
    const file = join(server.directory, 'known');
    await writeFile(file, `${lines({ port, own, other }).join('\n')}\n`);
    const config = [`UserKnownHostsFile ${file}`];
    assert.deepEqual(
      { flurry: await byFlurry(server, config), ssh: await bySsh(server, config) },
      { flurry: found, ssh: found },
    );
  });
}

async function byFlurry(server: OwnServer, config: readonly string[]): Promise<string> {
  try {
    await (await server.connect(config)).close();
    return 'known';
  } catch (error) {
    assert.ok(error instanceof FlurryError);
    return error.problem.code.replace('host-key-', '');
  }
}

async function bySsh(server: OwnServer, config: readonly string[]): Promise<string> {
  const ssh = spawn('ssh', ['-F', await server.sshConfig(config), '-o', 'BatchMode=yes', 'own', 'true'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = await text(ssh.stderr);
  if (/REVOKED HOST KEY/.test(said)) return 'revoked';
  if (/HOST IDENTIFICATION HAS CHANGED/.test(said)) return 'changed';
  if (/host key is known for/.test(said)) return 'unknown';
  return ssh.exitCode === 0 || said === '' ? 'known' : said;
}

/** As `ssh-keygen -H` does it. */
function hashed(name: string): string {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
