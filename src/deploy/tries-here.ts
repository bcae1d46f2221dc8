import { spawn } from 'node:child_process';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect, isIPv6 } from 'node:net';
import type { Probe, Tried } from '../core/check.ts';
import { duration } from '../core/explain/quantity.ts';
import { lastWords } from '../core/explain/text.ts';
import { judgeHttp } from '../host/check-answers.ts';

type Of<K extends Probe['kind']> = Extract<Probe, { readonly kind: K }>;

const mostBodyBytes = 1024 * 1024;
const mostWordsBytes = 4096;

/** Asks for a URL from this machine, once: no redirection is followed, and no more of the body is read than is needed. */
export function tryHttp(probe: Of<'http'>, limitMs: number, signal: AbortSignal): Promise<Tried> {
  return within(limitMs, signal, (settle) => {
    const options = { agent: false, rejectUnauthorized: probe.tls === 'verified' } as const;
    const get = probe.url.startsWith('https:') ? getHttps : getHttp;
    const request = get(probe.url, options, (response) => {
      const status = response.statusCode ?? 0;
      const judged = (hasBody: boolean): void => settle(judgeHttp({ status, hasBody }, probe));
      if (probe.body === undefined) return judged(false);
      const wanted = Buffer.from(probe.body);
      let body = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        if (body.includes(wanted)) judged(true);
        else if (body.length > mostBodyBytes) judged(false);
      });
      response.on('end', () => judged(false));
      response.on('error', (error) => settle(failedBy(error)));
    });
    request.on('error', (error) => settle(failedBy(error)));
    return () => request.destroy();
  });
}

/** Connects from this machine, once, and says nothing. */
export function tryTcp({ host, port }: Of<'tcp'>, limitMs: number, signal: AbortSignal): Promise<Tried> {
  return within(limitMs, signal, (settle) => {
    const socket = connect({ host, port }, () => settle({ outcome: 'passed', seen: 'connected' }));
    socket.on('error', (error) => settle(failedBy(error)));
    return () => socket.destroy();
  });
}

/** Has the program `ping` send one packet. The limit is ours: its own options for that differ from system to system. */
export async function tryPing(probe: Of<'ping'>, limitMs: number, signal: AbortSignal): Promise<Tried> {
  // Where IPv6 has a program of its own, the other knows nothing of it.
  const programs = isIPv6(probe.address) ? (['ping6', 'ping'] as const) : (['ping'] as const);
  for (const program of programs) {
    const tried = await tryPingBy(program, probe, limitMs, signal);
    if (tried !== undefined) return tried;
  }
  return { outcome: 'failed', seen: 'there is no program ping on this machine' };
}

/** Gives nothing where there is no such program. */
function tryPingBy(
  program: 'ping' | 'ping6',
  { address }: Of<'ping'>,
  limitMs: number,
  signal: AbortSignal,
): Promise<Tried | undefined> {
  return within<Tried | undefined>(limitMs, signal, (settle) => {
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn(program, ['-c', '1', address], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let said = '';
    const hear = (chunk: Buffer): void => {
      said = `${said}${chunk}`.slice(-mostWordsBytes);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => settle('code' in error && error.code === 'ENOENT' ? undefined : failedBy(error)));
    child.on('close', (code) => {
      const time = /time[=<]([\d.]+ ?ms)/.exec(said)?.[1];
      if (code === 0) settle({ outcome: 'passed', seen: time === undefined ? 'answered' : `answered in ${time}` });
      else settle({ outcome: 'failed', seen: lost(said) ?? lastWords(said) ?? `ping ended with ${code}` });
    });
    return () => child.kill('SIGKILL');
  });
}

function lost(said: string): string | undefined {
  return /\b100(?:\.0)?% packet loss\b/.test(said) ? 'no answer' : undefined;
}

/** Gives the first word of the work, or that there was none in time; the work is ended in any case. */
function within<T extends Tried | undefined = Tried>(
  limitMs: number,
  signal: AbortSignal,
  work: (settle: (tried: T | Tried) => void) => () => void,
): Promise<T | Tried> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    let isSettled = false;
    const end = (how: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      how();
      stop?.();
    };
    const settle = (tried: T | Tried): void => end(() => resolve(tried));
    const onAbort = (): void => end(() => reject(signal.reason));
    const timer = setTimeout(() => {
      settle({ outcome: 'failed', seen: `no answer within ${duration(limitMs)}` });
    }, limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    stop = work(settle);
    // It may have been settled before there was something to stop.
    if (isSettled) stop();
  });
}

const plain: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection was reset'],
  ['EHOSTUNREACH', 'no route to it'],
  ['ENETUNREACH', 'no route to it'],
  ['ENOTFOUND', 'there is no such name'],
  ['EAI_AGAIN', 'its name could not be looked up'],
]);

function failedBy(error: Error): Tried {
  // Of a name with several addresses each may fail for its own reason.
  const [one = error]: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const first = one instanceof Error ? one : error;
  const code = 'code' in first ? String(first.code) : '';
  return { outcome: 'failed', seen: plain.get(code) ?? lastWords(first.message) ?? (code || 'no answer') };
}
