import { spawn } from 'node:child_process';
import { sshConnect } from '../../src/ssh/connect.ts';

// A program of its own for openssh.test.ts, to be killed: it holds a connection by OpenSSH, and never ends by itself.
// So does a child of its own, as a Nix client may: whatever of ours that inherited would stay open after us.
const [sshConfigFile = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const connect = sshConnect({ sshConfigFile, transport: 'openssh' });
await connect({ name: 'own', address: 'own' }, { timeoutMs: 60_000, signal });
const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' });
process.stdout.write(`connected ${child.pid}\n`);
setInterval(() => {}, 1000);
