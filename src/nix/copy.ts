import { join } from 'node:path';
import { FlurryError } from '../core/problem.ts';
import { type Bridge, type OpenDaemon, withDaemonBridge } from './daemon-bridge.ts';
import { storePathForm } from './flake-metadata.ts';
import { type CopyCount, copyLog } from './nix-log.ts';
import { withPrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';
import { type Traffic, watchForStall } from './stall-watch.ts';

export interface CopyRequest {
  /** Paths of /nix/store; what they refer to is copied with them. */
  readonly paths: readonly string[];
  /** What was built here and not signed: the daemon is told not to ask for signatures, and must trust us. */
  readonly what?: 'closure';
  readonly openDaemon: OpenDaemon;
  /** Nothing moved for so long, in either direction, ends the copy; there is no limit in total. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
  /** What Nix says meanwhile: untrusted, already printable. */
  readonly onLine?: (line: string) => void;
  readonly traffic: () => Traffic;
  /** Hears every other second how far it has come, where that has changed. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /**
   * `first`: the host is asked to get what it can from its own substituters before it is sent. Only built systems are
   * there, never the source of a flake. `never` unless told.
   */
  readonly substituters?: 'first' | 'never';
}

/** How far a copy has come. What was valid at the other end before it began is not counted. Null: not known. */
export interface CopyProgress {
  /** Handed over to the connection; with what the protocol adds. */
  readonly sentBytes: number;
  readonly totalBytes: number | null;
  readonly paths: number;
  readonly totalPaths: number | null;
}

const progressEveryMs = 2000;

/**
 * Copies store paths to the Nix daemon that `openDaemon` reaches; paths that are valid there are skipped.
 * Throws `bad-argument`, `no-nix`, `copy-failed`, `signature-refused`, `copy-stalled`, a FlurryError of `openDaemon` or of its streams as
 * it is, and the signal's reason. On failure each path is valid on the host or absent, never half there.
 */
export async function copyPaths(request: CopyRequest): Promise<void> {
  for (const path of request.paths) checkPath(path);
  if (request.paths.length === 0) return;
  request.signal.throwIfAborted();
  if (request.substituters === 'first') {
    if ((await copyOnce(request, 'first')) === 'done') return;
    request.onLine?.('its substituters do not answer: it is sent everything');
  }
  await copyOnce(request, 'never');
}

// A host whose network swallows everything waits for minutes, and no setting that a client may give makes that shorter.
// (Where connections are refused or no name is found, it gives up by itself after 4.5 s.)
const substitutersSilentMs = 8000;

function watchSubstituters(life: () => number, onStall: () => void): () => void {
  const traffic = (): Traffic => ({ receivedBytes: 0, sentBytes: 0 });
  return watchForStall({ timeoutMs: substitutersSilentMs, copiedBytes: life, traffic, onStall });
}

async function copyOnce(request: CopyRequest, substituters: 'first' | 'never'): Promise<'done' | 'silent'> {
  const cut = new AbortController();
  const silent = new AbortController();
  const signal = AbortSignal.any([request.signal, cut.signal, silent.signal]);
  try {
    await withPrivateDirectory(async (directory) => {
      const socketPath = join(directory, 'daemon.sock');
      const onFailure = (thrown: unknown): void => cut.abort(thrown);
      await withDaemonBridge({ socketPath, openDaemon: request.openDaemon, onFailure }, async (bridge) => {
        const log = copyLog();
        const { stallTimeoutMs: timeoutMs, traffic } = request;
        const onStall = (): void => cut.abort(new FlurryError({ code: 'copy-stalled', afterMs: timeoutMs }));
        const ends = [
          watchForStall({ timeoutMs, copiedBytes: bridge.movedBytes, traffic, onStall }),
          tellProgress(request, bridge, log.count),
          substituters === 'first' ? watchSubstituters(log.life, () => silent.abort()) : () => {},
        ];
        try {
          await nixCopy(request, { socketPath, signal, bridge, readLine: log.read, substituters });
        } finally {
          for (const end of ends) end();
        }
      });
    });
    return 'done';
  } catch (error) {
    request.signal.throwIfAborted();
    if (silent.signal.aborted && !cut.signal.aborted) return 'silent';
    throw error;
  }
}

function tellProgress({ onProgress }: CopyRequest, bridge: Bridge, count: () => CopyCount): () => void {
  if (onProgress === undefined) return () => {};
  let last = '';
  const timer = setInterval(() => {
    const { bytes, paths, donePaths } = count();
    const given = bridge.givenBytes();
    const sentBytes = bytes === null ? given : Math.min(given, bytes);
    const progress = { sentBytes, totalBytes: bytes, paths: donePaths, totalPaths: paths };
    if (JSON.stringify(progress) !== last) onProgress(progress);
    last = JSON.stringify(progress);
  }, progressEveryMs);
  return () => clearInterval(timer);
}

interface Way {
  readonly socketPath: string;
  readonly bridge: Bridge;
  readonly signal: AbortSignal;
  readonly readLine: (line: string) => string | undefined;
  readonly substituters: 'first' | 'never';
}

async function nixCopy(request: CopyRequest, way: Way): Promise<void> {
  const { socketPath, bridge, signal, readLine, substituters } = way;
  // The client passes the user's own settings on to the daemon, which refuses most of them aloud: it gets none. (The
  // system's nix.conf is never passed on.) Without `substitute`, nobody looks for a path in the network: neither the
  // client for one that is missing here, nor the daemon, which takes it from the client.
  const { onLine } = request;
  // The client of 2.8 tells the daemon this one in place of --substitute-on-destination.
  const setting = substituters === 'first' ? 'builders-use-substitutes = true' : 'substitute = false';
  const environment = { NIX_CONFIG: setting, NIX_USER_CONF_FILES: '' };
  const first = substituters === 'first' ? ['--substitute-on-destination'] : [];
  const trust = request.what === 'closure' ? ['--no-check-sigs'] : [];
  const words = [
    'copy',
    '--log-format',
    'internal-json',
    ...first,
    ...trust,
    '--to',
    `unix://${socketPath}`,
    ...request.paths,
  ];
  const end = await runNix(words, {
    environment,
    signal,
    readLine,
    ...(onLine === undefined ? {} : { onLine }),
  });
  if (end.kind === 'failed') throw failed(request, end.said);
  if (bridge.lostDaemon()) {
    const tail = `${end.said}\nthe Nix daemon closed the connection before the copy was done`.trimStart();
    throw failed(request, tail);
  }
}

function failed({ what }: CopyRequest, tail: string): FlurryError {
  if (what === undefined) return new FlurryError({ code: 'copy-failed', tail });
  // "… because it lacks a valid signature", later "a signature by a trusted key".
  const isRefused = /lacks a (?:valid )?signature/.test(tail);
  return new FlurryError(isRefused ? { code: 'signature-refused', tail } : { code: 'copy-failed', tail, what });
}

function checkPath(path: string): void {
  if (path.startsWith('/nix/store/') && storePathForm.test(path) && !path.slice(11).includes('/')) return;
  throw new FlurryError({ code: 'bad-argument', argument: 'path', expected: 'a path of /nix/store', found: path });
}
