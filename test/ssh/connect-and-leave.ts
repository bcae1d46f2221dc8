import { text } from 'node:stream/consumers';
import { sshConnect } from '../../src/ssh/connect.ts';

// A program of its own for channel.test.ts: it must end by itself, without process.exit.
const [sshConfigFile = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const session = await sshConnect({ sshConfigFile })({ name: 'own', address: 'own' }, { timeoutMs: 60_000, signal });
const channel = await session.openShell('user', signal);
channel.stderr.resume();
channel.stdin.end('echo hello\n');
process.stdout.write(await text(channel.stdout));
await channel.ended;
await session.close();
