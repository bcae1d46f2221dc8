import { join } from 'node:path';
import { FlurryError } from '../core/problem.ts';
import { type Bridge, type OpenDaemon, withDaemonBridge } from './daemon-bridge.ts';
import { storePathForm } from './flake-metadata.ts';
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
}

/**
 * Copies store paths to the Nix daemon that `openDaemon` reaches; paths that are valid there are skipped.
 * Throws `bad-argument`, `no-nix`, `copy-failed`, `signature-refused`, `copy-stalled`, a FlurryError of `openDaemon` or of its streams as
 * it is, and the signal's reason. On failure each path is valid on the host or absent, never half there.
 */
export async function copyPaths(request: CopyRequest): Promise<void> {
  for (const path of request.paths) checkPath(path);
  if (request.paths.length === 0) return;
  request.signal.throwIfAborted();
  const cut = new AbortController();
  const signal = AbortSignal.any([request.signal, cut.signal]);
  await withPrivateDirectory(async (directory) => {
    const socketPath = join(directory, 'daemon.sock');
    const onFailure = (thrown: unknown): void => cut.abort(thrown);
    await withDaemonBridge({ socketPath, openDaemon: request.openDaemon, onFailure }, async (bridge) => {
      const endWatch = watchForStall({
        timeoutMs: request.stallTimeoutMs,
        copiedBytes: bridge.movedBytes,
        traffic: request.traffic,
        onStall: () => cut.abort(new FlurryError({ code: 'copy-stalled', afterMs: request.stallTimeoutMs })),
      });
      try {
        await nixCopy(request, { socketPath, signal, bridge });
      } finally {
        endWatch();
      }
    });
  });
}

interface Way {
  readonly socketPath: string;
  readonly bridge: Bridge;
  readonly signal: AbortSignal;
}

async function nixCopy(request: CopyRequest, { socketPath, bridge, signal }: Way): Promise<void> {
  // The client passes the user's own settings on to the daemon, which refuses most of them aloud: it gets none. (The
  // system's nix.conf is never passed on, nor is `substitute`, without which a path that is missing here would be
  // looked for in the network.)
  const environment = { NIX_CONFIG: 'substitute = false', NIX_USER_CONF_FILES: '' };
  const { onLine } = request;
  const trust = request.what === 'closure' ? ['--no-check-sigs'] : [];
  const end = await runNix(['copy', ...trust, '--to', `unix://${socketPath}`, ...request.paths], {
    environment,
    signal,
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
