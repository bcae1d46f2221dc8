import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { root } from './flake-trees.ts';

/** A store of its own below the test's folder, and the way to a Nix daemon that serves it, as on a host. */
export interface ScratchStore {
  readonly openDaemon: () => Promise<Duplex>;
  readonly isValid: (path: string) => boolean;
}

export function scratchStore(name: string): ScratchStore {
  const store = join(root, name);
  mkdirSync(store);
  return {
    openDaemon: async () => {
      const env = { ...process.env, NIX_REMOTE: store };
      const child = spawn('nix-daemon', ['--stdio'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
      return Duplex.from({ readable: child.stdout, writable: child.stdin });
    },
    isValid: (path) => {
      try {
        execFileSync('nix-store', ['--store', store, '--check-validity', path], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    },
  };
}
