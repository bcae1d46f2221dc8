import { text } from 'node:stream/consumers';
import { sshConnect } from '../../src/ssh/connect.ts';

// A program of its own for channel.test.ts and openssh.test.ts: it must end by itself, without process.exit.
const [sshConfigFile = '', transport] = process.argv.slice(2);
const signal = new AbortController().signal;
const connect = sshConnect({ sshConfigFile, transport: transport === 'openssh' ? transport : 'builtin' });
const session = await connect({ name: 'own', address: 'own' }, { timeoutMs: 60_000, signal });
const channel = await session.openShell('user', signal);
channel.stderr.resume();
channel.stdin.end('echo hello\n');
process.stdout.write(await text(channel.stdout));
await channel.ended;
await session.close();
