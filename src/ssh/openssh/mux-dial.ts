import { connect, type Socket } from 'node:net';
import { PacketReader, string, uint32, WireReader } from './wire.ts';

// Numbers of PROTOCOL.mux of OpenSSH, section 11; the two of the proxy mode are in its mux.c.
const hello = 0x00000001;
const version = 4;
const proxyRequest = 0x1000000f;
const proxyAnswer = 0x8000000f;
const longestPacketBytes = 64 * 1024;

/**
 * Connects to a master's control socket and turns the connection to proxy mode; the socket given is paused.
 * Rejects with a plain Error.
 */
export async function muxDial(socketPath: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({ path: socketPath });
  const stop = (): void => {
    socket.destroy(new Error('ssh does not answer on its control socket'));
  };
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<Socket>((resolve, reject) => {
    const packets = new PacketReader(longestPacketBytes);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const closed = (): void => fail(new Error('ssh closed its control socket'));
    const read = (chunk: Buffer): void => {
      try {
        for (const packet of packets.push(chunk)) {
          if (answers(packet) === 'hello') continue;
          socket.off('data', read).off('error', fail).off('close', closed);
          socket.pause();
          resolve(socket);
        }
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.on('data', read).once('error', fail).once('close', closed);
    socket.write(string(Buffer.concat([uint32(hello), uint32(version)])));
    socket.write(string(Buffer.concat([uint32(proxyRequest), uint32(0)])));
  }).finally(() => signal.removeEventListener('abort', stop));
}

/** Throws for anything but the two answers that we want. */
function answers(packet: Buffer): 'hello' | 'proxy' {
  const reader = new WireReader(packet);
  const type = reader.uint32();
  const second = reader.uint32();
  if (type === hello && second === version) return 'hello';
  if (type === hello) throw new Error(`ssh speaks version ${second} of its control protocol, not ${version}`);
  if (type === proxyAnswer) return 'proxy';
  throw new Error(`ssh does not carry channels for others: ${reader.text()}`);
}
