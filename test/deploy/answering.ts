import { once } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { HostHandle } from '../fleet/host-handle.ts';

/** Something on this machine that checks ask, from here and from hosts. */
export interface Answering extends Disposable {
  /** Of a path, as a host finds it. */
  url(path: string): string;
  /** The same address, as a destination of tcp. */
  readonly hostPort: string;
  /** Where something answers that is no http. */
  readonly garbageUrl: string;
  /** Where nobody listens. */
  readonly unusedHostPort: string;
  /** What `/told` answers from now on. */
  tell(status: number): void;
  /** How often a path was asked for. */
  asked(path: string): number;
}

/** Begins to answer to a host, and to this machine, by the address that this machine has for the host. */
export async function answering(host: Pick<HostHandle, 'address'>): Promise<Answering> {
  const address = host.address.replace(/\d+$/, '1');
  const asked = new Map<string, number>();
  let status = 200;
  const paths: Readonly<Record<string, (response: ServerResponse) => void>> = {
    '/well': (response) => response.end('all is well'),
    '/503': (response) => response.writeHead(503).end('the database is away'),
    '/moved': (response) => response.writeHead(302, { location: '/well' }).end(),
    '/told': (response) => response.writeHead(status).end(),
    '/third': (response) => response.writeHead((asked.get('/third') ?? 0) < 3 ? 503 : 200).end(),
    '/silent': () => {},
    '/endless': (response) => {
      const talk = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', talk);
      talk();
    },
  };
  const server = createHttpServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    response.on('error', () => {});
    (paths[path] ?? ((other) => other.writeHead(404).end()))(response);
  });
  const garbage = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_10.0\r\n'));
  const unused = createServer();
  const [port, garbagePort, unusedPort] = await Promise.all(
    [server, garbage, unused].map((one) => listen(one, address)),
  );
  unused.close();
  return {
    url: (path) => `http://${address}:${port}${path}`,
    hostPort: `${address}:${port}`,
    garbageUrl: `http://${address}:${garbagePort}/`,
    unusedHostPort: `${address}:${unusedPort}`,
    tell(told) {
      status = told;
    },
    asked: (path) => asked.get(path) ?? 0,
    [Symbol.dispose]() {
      server.closeAllConnections();
      for (const one of [server, garbage]) one.close();
    },
  };
}

async function listen(server: Server, address: string): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  const found: AddressInfo | string | null = server.address();
  return typeof found === 'object' && found !== null ? found.port : 0;
}
