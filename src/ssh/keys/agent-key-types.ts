import { connect } from 'node:net';
import { keyTypeOf } from '../host-keys/known-hosts.ts';
import { byte, PacketReader, string, WireReader } from '../openssh/wire.ts';

// Numbers of draft-ietf-sshm-ssh-agent, section 6.1; the longest answer that OpenSSH takes.
const requestIdentities = 11;
const identitiesAnswer = 12;
const longestAnswerBytes = 256 * 1024;
// An agent answers at once, without any person.
const listTimeoutMs = 5000;

/** Lists the types of all that an agent holds, also of what ssh2 leaves out. Rejects with a plain Error. */
export function agentKeyTypes(socketPath: string): Promise<readonly string[]> {
  const socket = connect({ path: socketPath });
  const packets = new PacketReader(longestAnswerBytes);
  return new Promise<readonly string[]>((resolve, reject) => {
    socket.setTimeout(listTimeoutMs, () => reject(new Error(`no answer within ${listTimeoutMs} ms`)));
    socket.once('error', reject).once('close', () => reject(new Error('the agent hung up')));
    socket.on('data', (chunk: Buffer) => {
      try {
        const [answer] = packets.push(chunk);
        if (answer !== undefined) resolve(typesIn(answer));
      } catch (error) {
        reject(error);
      }
    });
    socket.write(string(byte(requestIdentities)));
  }).finally(() => socket.destroy());
}

function typesIn(answer: Buffer): readonly string[] {
  const reader = new WireReader(answer);
  const type = reader.byte();
  if (type !== identitiesAnswer) throw new Error(`the agent lists no keys (answer ${type})`);
  const types: string[] = [];
  for (let left = reader.uint32(); left > 0; left -= 1) {
    types.push(keyTypeOf(reader.string()));
    reader.string();
  }
  return types;
}
