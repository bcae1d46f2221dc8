import { sshConnect } from '../../src/ssh/connect.ts';

// A program of its own for openssh.test.ts, to be killed: it holds a connection by OpenSSH, and never ends by itself.
const [sshConfigFile = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const connect = sshConnect({ sshConfigFile, transport: 'openssh' });
await connect({ name: 'own', address: 'own' }, { timeoutMs: 60_000, signal });
process.stdout.write('connected\n');
setInterval(() => {}, 1000);
