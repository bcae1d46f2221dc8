import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { cliPath, repositoryRoot, runPaths } from './paths.ts';

/**
 * Starts a small process that waits for our end, however it comes, and then removes what we left behind.
 * Its standard input is the signal: the kernel closes our side of the pipe with our last breath.
 */
export function spawnUndertaker(runId: string): void {
  const { record, ownerLock } = runPaths(runId);
  const script = 'cat >/dev/null; [ -e "$1" ] || exit 0; flock --timeout 10 "$2" true; shift 2; exec "$@"';
  const undertaker = spawn('sh', ['-c', script, 'sh', record, ownerLock, ...fleetCommand('reap')], {
    cwd: repositoryRoot,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  doNotKeepAlive(undertaker);
}

/** The argv that runs a verb of the fleet's command line from any process, without npx. */
export function fleetCommand(...args: readonly string[]): readonly string[] {
  return [process.execPath, '--import', import.meta.resolve('tsx'), cliPath, ...args];
}

function doNotKeepAlive(child: ChildProcess): void {
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
}
