import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Probe, Tried } from '../../src/core/check.ts';
import { tryHttp, tryPing, tryTcp } from '../../src/deploy/tries-here.ts';

const never = new AbortController().signal;
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const asked: string[] = [];
const answer: RequestListener = (request, response) => {
  asked.push(request.url ?? '');
  response.on('error', () => {});
  if (request.url === '/well') response.end('all is well');
  if (request.url === '/503') response.writeHead(503).end();
  if (request.url === '/moved') response.writeHead(302, { location: '/well' }).end();
  if (request.url === '/half') response.write('half of ');
  if (request.url === '/endless') {
    const talk = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', talk);
    talk();
  }
};
const plain = await listening(createHttpServer(answer));
const unused = await (async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  return port;
})();

type Http = Extract<Probe, { readonly kind: 'http' }>;
const to = (url: string, more: Partial<Http> = {}): Http => {
  return { ...{ kind: 'http', url, from: 'coordinator', status: [], tls: 'verified' }, ...more };
};
const at = (path: string, more: Partial<Http> = {}): Http => to(`http://127.0.0.1:${plain}${path}`, more);
const said = ({ outcome, seen }: Tried): string => `${outcome}: ${seen}`;

test('http from here: status and body decide, as they do on the host', async () => {
  assert.equal(said(await tryHttp(at('/well'), 5000, never)), 'passed: http 200');
  assert.equal(said(await tryHttp(at('/well', { body: 'is well' }), 5000, never)), 'passed: http 200');
  assert.equal(
    said(await tryHttp(at('/well', { body: 'ill' }), 5000, never)),
    'failed: http 200, and no "ill" in its body',
  );
  assert.equal(said(await tryHttp(at('/503'), 5000, never)), 'failed: http 503');
  assert.equal(said(await tryHttp(at('/503', { status: [503] }), 5000, never)), 'passed: http 503');
});

test('http from here: a redirection is not followed', async () => {
  asked.length = 0;
  assert.equal(said(await tryHttp(at('/moved'), 5000, never)), 'failed: http 302');
  assert.deepEqual(asked, ['/moved']);
});

test('http from here: an answer without end is cut, one that stops half way or never comes is waited for only so long', async () => {
  assert.equal(
    said(await tryHttp(at('/endless', { body: 'ok' }), 20_000, never)),
    'failed: http 200, and no "ok" in its body',
  );
  assert.equal(said(await tryHttp(at('/half', { body: 'ok' }), 100, never)), 'failed: no answer within 0.1 s');
  assert.equal(said(await tryHttp(at('/silent'), 100, never)), 'failed: no answer within 0.1 s');
});

test('http from here: what is no answer at all is told', async () => {
  const garbage = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_10.0\r\n'));
  const port = await listening(garbage);
  assert.equal(
    said(await tryHttp(to(`http://127.0.0.1:${port}/`), 5000, never)),
    'failed: Parse Error: Expected HTTP/, RTSP/ or ICE/',
  );
  assert.equal(said(await tryHttp(to(`http://127.0.0.1:${unused}/`), 5000, never)), 'failed: connection refused');
  assert.equal(said(await tryHttp(to('http://nowhere.invalid/'), 20_000, never)).slice(0, 7), 'failed:');
});

test('http from here: a certificate that nobody vouches for passes only where that is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flurry-tls-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=x',
  ];
  execFileSync('openssl', [...words, '-keyout', key, '-out', cert, '-days', '1'], { stdio: 'ignore' });
  const port = await listening(createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer));
  rmSync(folder, { recursive: true });
  const url = `https://127.0.0.1:${port}/well`;
  assert.equal(said(await tryHttp(to(url), 5000, never)), 'failed: self-signed certificate');
  assert.equal(said(await tryHttp(to(url, { tls: 'unverified' }), 5000, never)), 'passed: http 200');
});

test('tcp from here', async () => {
  const probe = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port, from: 'coordinator' }) as const;
  assert.equal(said(await tryTcp(probe(plain), 5000, never)), 'passed: connected');
  assert.equal(said(await tryTcp(probe(unused), 5000, never)), 'failed: connection refused');
});

/** Tries with these programs, and none of this machine's; what they print was printed by real ones. */
async function withPing(
  programs: Readonly<Record<string, string>>,
  address: string,
  limitMs = 20_000,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'flurry-ping-'));
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = folder;
    return said(await tryPing({ kind: 'ping', address }, limitMs, never));
  } finally {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  }
}

const answered = `[ "$*" = "-c 1 192.0.2.7" ] || exit 9
echo 'PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.'
echo '64 bytes from 192.0.2.7: icmp_seq=1 ttl=64 time=0.048 ms'`;
const silent = `echo 'PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.'
echo '--- 192.0.2.7 ping statistics ---'
echo '1 packets transmitted, 0 received, 100% packet loss, time 0ms'
exit 1`;
const unknown = "echo 'ping: nowhere.invalid: Name or service not known' >&2; exit 2";

test('ping from here: one packet, by the program ping', async () => {
  assert.equal(await withPing({ ping: answered }, '192.0.2.7'), 'passed: answered in 0.048 ms');
  assert.equal(await withPing({ ping: silent }, '192.0.2.7'), 'failed: no answer');
  assert.equal(
    await withPing({ ping: unknown }, 'nowhere.invalid'),
    'failed: ping: nowhere.invalid: Name or service not known',
  );
});

test('ping from here: an IPv6 address is asked by ping6 where there is one, and by ping where there is none', async () => {
  const six = answered.replaceAll('192.0.2.7', '2001:db8::7');
  assert.equal(await withPing({ ping6: six, ping: 'exit 9' }, '2001:db8::7'), 'passed: answered in 0.048 ms');
  assert.equal(await withPing({ ping: six }, '2001:db8::7'), 'passed: answered in 0.048 ms');
});

test('ping from here: the program is ended at our limit, and said to be missing where it is', async () => {
  assert.equal(
    await withPing({ ping: 'PATH=/usr/bin:/bin; exec sleep 1000' }, '192.0.2.7', 300),
    'failed: no answer within 0.3 s',
  );
  assert.equal(await withPing({}, '192.0.2.7'), 'failed: there is no program ping on this machine');
});

test('a try that is told to stop ends at once', async () => {
  const stop = new AbortController();
  const trying = tryHttp(at('/silent'), 60_000, stop.signal);
  stop.abort('enough');
  await assert.rejects(trying, (error: unknown) => error === 'enough');
});
