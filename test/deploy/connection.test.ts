import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel, Session } from '../../src/core/ports.ts';
import { ask } from '../../src/host/ask.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const soon = (): AbortSignal => AbortSignal.timeout(30_000);

// Seen as `promoted` told as `failed`: sshd ended the connection with "server_input_channel_req: unknown channel 2".
test(
  'closing a remote program whose end has come, unread, leaves the connection alone',
  options,
  withHosts(1, async (lease) => {
    const session = await connected(lease);
    try {
      const program = await session.openShell('user', soon());
      program.stderr.resume();
      program.stdin.end('dd if=/dev/zero bs=1024 count=64 2>/dev/null; exit\n');
      await read(program, 1024);
      // What comes on the same connection behind the program's end: afterwards that end has come.
      await lease.hosts[0]?.waitUntil('the program has ended', '! pgrep -x dd', 10_000);
      assert.equal(await answer(session), 'here');
      assert.equal(await answer(session), 'here');
      program.close();
      assert.equal(await answer(session), 'here');
    } finally {
      await session.close();
    }
  }),
);

async function connected({ hosts, sshConfig }: Lease): Promise<Session> {
  const [host] = hosts;
  assert.ok(host);
  const connect = sshConnect({ sshConfigFile: sshConfig });
  return await connect({ name: host.name, address: host.name }, { timeoutMs: 10_000, signal: soon() });
}

async function answer(session: Session): Promise<string> {
  const question = { name: 'a word', script: 'echo here', arguments: [], shell: 'user', timeoutMs: 10_000 } as const;
  return await ask(session, question, soon());
}

/** Reads so many bytes at least, and leaves the rest unread. */
async function read(program: Channel, bytes: number): Promise<void> {
  let found = 0;
  await new Promise<void>((resolve) => {
    const take = (): void => {
      const chunk: unknown = program.stdout.read();
      if (chunk instanceof Buffer) found += chunk.length;
      if (found < bytes) return;
      program.stdout.off('readable', take);
      resolve();
    };
    program.stdout.on('readable', take);
    take();
  });
}
