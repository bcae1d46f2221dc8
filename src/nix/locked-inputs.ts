import type { LockedInput } from '../core/release.ts';
import { isObject, type JsonObject, maybeText } from './json.ts';
import { sourcePath } from './source-path.ts';

/** Which inputs are copied to the hosts. */
export type CopyInputs = 'auto' | 'always' | 'never';

/**
 * Lists the inputs that a lock file pins, direct or not, each source once. Inputs that are part of the flake's own
 * source (`./x`) or of another input's are none of them, nor is what has no hash.
 */
export function lockedInputs(locks: unknown, policy: CopyInputs): readonly LockedInput[] {
  const nodes = isObject(locks) && isObject(locks['nodes']) ? locks['nodes'] : {};
  const found = new Map<string, LockedInput>();
  const seen = new Set<string>();
  const visit = (key: string, above: string): void => {
    const node = nodes[key];
    if (seen.has(key) || !isObject(node)) return;
    seen.add(key);
    const inputs = isObject(node['inputs']) ? node['inputs'] : {};
    for (const [input, target] of Object.entries(inputs)) {
      // An array is a path of inputs that this one follows: pinned where that path ends.
      if (typeof target !== 'string') continue;
      const name = above === '' ? input : `${above}/${input}`;
      const child = nodes[target];
      const pinned =
        isObject(child) && isObject(child['locked']) ? lockedInput(name, child['locked'], policy) : undefined;
      if (pinned !== undefined && !found.has(pinned.storePath)) found.set(pinned.storePath, pinned);
      visit(target, name);
    }
  };
  const root = isObject(locks) ? locks['root'] : undefined;
  if (typeof root === 'string') visit(root, '');
  return [...found.values()];
}

function lockedInput(name: string, locked: JsonObject, policy: CopyInputs): LockedInput | undefined {
  const storePath = sourcePath(maybeText(locked, 'narHash') ?? '');
  if (storePath === undefined || isPartOfAnother(locked)) return undefined;
  return { name, storePath, locked: JSON.stringify(locked), copied: copiedAs(locked, policy) };
}

function copiedAs(locked: JsonObject, policy: CopyInputs): LockedInput['copied'] {
  if (policy === 'always') return 'first';
  if (policy === 'never') return 'never';
  if (isPrivate(locked)) return 'first';
  return isNixpkgs(locked) ? 'never' : 'if-fetching-fails';
}

function isPartOfAnother(locked: JsonObject): boolean {
  return locked['type'] === 'path' && maybeText(locked, 'path')?.startsWith('/') !== true;
}

/** Whether it lies on this machine, or behind a login that is a person's own: no host is likely to get at it. */
function isPrivate(locked: JsonObject): boolean {
  if (locked['type'] === 'path') return true;
  const url = maybeText(locked, 'url') ?? '';
  // The last is how git also takes USER@HOST:PATH.
  return /^(?:[a-z]+\+)?(?:file|ssh):/.test(url) || url.startsWith('/') || /^[^/:]+@[^/:]+:/.test(url);
}

/** It is large, and every host gets it by itself; a private copy of it is told by where it lies. */
function isNixpkgs(locked: JsonObject): boolean {
  if (maybeText(locked, 'repo')?.toLowerCase() === 'nixpkgs') return true;
  const url = maybeText(locked, 'url') ?? '';
  return /\/nixpkgs(?:\.git)?(?:[/?#]|$)|\/nixexprs\.tar|^https?:\/\/(?:channels|releases)\.nixos\.org\//i.test(url);
}
