import { connect } from 'node:net';
import { poll } from './poll.ts';

/** Waits until the host's sshd greets over the network. */
export async function sshAnswers(
  host: { readonly name: string; readonly address: string },
  limitMs: number,
): Promise<void> {
  await poll(async () => ((await greets(host.address)) ? true : undefined), {
    what: `sshd of ${host.name} (${host.address}) greets`,
    limitMs,
  });
}

/** Whether something at port 22 greets as an SSH server within a second. */
export async function greets(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}
