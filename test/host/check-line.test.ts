import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import type { Probe } from '../../src/core/check.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { readHttp, readTcp } from '../../src/host/check-answers.ts';
import { openCheckLine } from '../../src/host/check-line.ts';
import { localShell } from './local-shell.ts';

const never = new AbortController().signal;
const isThere = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
};
const options = {
  skip: ['setsid', 'curl', 'bash', 'dash'].every(isThere) ? false : 'needs setsid, curl, bash and dash',
};

const requests: string[] = [];
const server = createHttpServer((request, response) => {
  requests.push(request.url ?? '');
  if (request.url === '/well') response.end('all is well');
  if (request.url === '/503') response.writeHead(503).end('no');
  if (request.url === '/moved') response.writeHead(302, { location: '/well' }).end();
  // Neither ends: one says nothing, one says the same for ever.
  if (request.url === '/endless') {
    const talk = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', talk);
    talk();
  }
});
const garbage = createServer((socket) => {
  socket.on('error', () => {});
  socket.end('SSH-2.0-OpenSSH_10.0\r\n');
});
for (const one of [server, garbage]) one.listen(0, '127.0.0.1');
await Promise.all([once(server, 'listening'), once(garbage, 'listening')]);
const portOf = (one: { address(): AddressInfo | string | null }): number => {
  const address = one.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const unused = await (async () => {
  const one = createServer().listen(0, '127.0.0.1');
  await once(one, 'listening');
  const port = portOf(one);
  one.close();
  return port;
})();
after(() => {
  server.close();
  server.closeAllConnections();
  garbage.close();
});

type Http = Extract<Probe, { readonly kind: 'http' }>;
const http = (path: string, more: Partial<Http> = {}): Http => {
  const url = `http://127.0.0.1:${portOf(server)}${path}`;
  return { ...{ kind: 'http', url, from: 'host', status: [], tls: 'verified' }, ...more };
};
const tcp = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port, from: 'host' }) as const;

for (const shell of ['dash', 'bash']) {
  describe(`the line over which a host is told what to try, under ${shell}`, options, () => {
    const session = localShell([shell]);
    const tried = async (probe: Probe, limitMs = 20_000): Promise<string> => {
      const line = await openCheckLine(session, { probes: [probe], shell: 'user', timeoutMs: 20_000 }, never);
      const answer = await line.tryNow(0, limitMs, never);
      line.close();
      const { outcome, seen } = probe.kind === 'http' ? readHttp(answer, probe) : readTcp(answer, limitMs);
      return `${outcome}: ${seen}`;
    };

    it('tells of an http answer its status, and whether a text occurs in it', async () => {
      assert.equal(await tried(http('/well')), 'passed: http 200');
      assert.equal(await tried(http('/well', { body: 'is well' })), 'passed: http 200');
      assert.equal(await tried(http('/well', { body: '.* well' })), 'failed: http 200, and no ".* well" in its body');
      assert.equal(await tried(http('/503')), 'failed: http 503');
      assert.equal(await tried(http('/503', { status: [200, 503] })), 'passed: http 503');
    });

    it('follows no redirection', async () => {
      requests.length = 0;
      assert.equal(await tried(http('/moved')), 'failed: http 302');
      assert.deepEqual(requests, ['/moved']);
    });

    it('cuts an answer without end, and waits for one that does not come only so long', async () => {
      assert.equal(await tried(http('/endless', { body: 'well' })), 'failed: http 200, and no "well" in its body');
      assert.match(await tried(http('/silent'), 300), /^failed: Operation timed out after \d+ milliseconds/);
    });

    it('tells what is no answer at all', async () => {
      const url = (port: number) => ({ url: `http://127.0.0.1:${port}/` });
      assert.equal(await tried(http('', url(portOf(garbage)))), 'failed: Received HTTP/0.9 when not allowed');
      assert.match(await tried(http('', url(unused))), /^failed: Failed to connect to 127\.0\.0\.1 port \d+/);
    });

    it('connects to a port', async () => {
      assert.equal(await tried(tcp(portOf(server))), 'passed: connected');
      assert.equal(await tried(tcp(unused)), 'failed: Connection refused');
    });

    it('tries several side by side, each with its own words, whatever they hold', async () => {
      const odd = http(`/'";$(id)|&%20`, { body: `'; exit; "$(id)` });
      const probes = [http('/silent'), odd, tcp(unused), tcp(portOf(server))];
      const line = await openCheckLine(session, { probes, shell: 'user', timeoutMs: 20_000 }, never);
      requests.length = 0;
      const slow = line.tryNow(0, 20_000, never);
      slow.catch(() => {});
      const answers = await Promise.all([3, 2, 1].map((number) => line.tryNow(number, 2000, never)));
      assert.equal(readTcp(answers[0] ?? '', 2000).outcome, 'passed');
      assert.equal(readTcp(answers[1] ?? '', 2000).outcome, 'failed');
      assert.ok(requests.includes(`/'";$(id)|&%20`), requests.join());
      line.close();
      await assert.rejects(slow, FlurryError);
    });

    it('leaves no process behind when it is closed', async () => {
      const url = http('/silent-to-the-end');
      const line = await openCheckLine(session, { probes: [url], shell: 'user', timeoutMs: 20_000 }, never);
      const asked = once(server, 'request');
      const slow = line.tryNow(0, 60_000, never);
      slow.catch(() => {});
      const [, response] = await asked;
      const gone = once(response, 'close');
      line.close();
      await gone; // nobody holds the connection any more
      await assert.rejects(slow, FlurryError);
    });

    it('gives up a try when it is told to, and goes on', async () => {
      const probes = [http('/silent'), tcp(portOf(server))];
      const line = await openCheckLine(session, { probes, shell: 'user', timeoutMs: 20_000 }, never);
      const stop = new AbortController();
      const slow = line.tryNow(0, 60_000, stop.signal);
      stop.abort('enough');
      await assert.rejects(slow, (error: unknown) => error === 'enough');
      assert.equal(readTcp(await line.tryNow(1, 2000, never), 2000).outcome, 'passed');
      line.close();
    });
  });
}

it('a login that runs no script is told apart', async () => {
  const session = localShell(['sh', '-c', 'echo this account is not available; exit 1']);
  const opened = openCheckLine(session, { probes: [tcp(unused)], shell: 'user', timeoutMs: 20_000 }, never);
  await assert.rejects(opened, (error: unknown) => error instanceof FlurryError && error.problem.code === 'bad-answer');
});
