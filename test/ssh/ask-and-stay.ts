import type { Person } from '../../src/core/ports.ts';
import { sshConnect } from '../../src/ssh/connect.ts';

// Asks a question that nobody answers, and says when it stands open.

const [, , sshConfigFile = ''] = process.argv;
const open = (): Promise<undefined> => {
  process.stdout.write('asked\n');
  return new Promise(() => setInterval(() => {}, 60_000));
};
const person: Person = { secret: open, line: open, yes: async () => false, tell: () => {} };
const connect = sshConnect({ sshConfigFile, transport: 'openssh', person });
await connect({ name: 'own', address: 'own' }, { timeoutMs: 20_000, signal: new AbortController().signal });
