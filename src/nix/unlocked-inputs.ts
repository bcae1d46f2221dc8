import { isObject, type JsonObject } from './json.ts';

/**
 * Names the inputs that Nix locked in memory only: those in `used`, the locks that Nix works with, that are missing
 * from `written`, the content of flake.lock, or pinned differently there. Nested inputs are named `a/b`.
 */
export function unlockedInputs(used: unknown, written: unknown): readonly string[] {
  const names: string[] = [];
  const seen = new Set<string>();
  const compare = (usedKey: string, writtenKey: string | undefined, above: string): void => {
    if (seen.has(usedKey)) return;
    seen.add(usedKey);
    for (const [input, target] of Object.entries(inputsOf(used, usedKey))) {
      const name = above === '' ? input : `${above}/${input}`;
      const there = writtenKey === undefined ? undefined : inputsOf(written, writtenKey)[input];
      if (typeof target !== 'string') {
        // An array is a path of inputs that this one follows: pinned where that path ends.
        if (there === undefined) names.push(name);
      } else if (typeof there !== 'string' || !samePin(pinOf(used, target), pinOf(written, there))) {
        names.push(name);
      } else {
        compare(target, there, name);
      }
    }
  };
  compare(rootOf(used), rootOf(written), '');
  return names;
}

/** Names the inputs of the flake itself, as a lock file lists them. */
export function lockedInputs(written: unknown): readonly string[] {
  return Object.keys(inputsOf(written, rootOf(written)));
}

function rootOf(locks: unknown): string {
  const root = isObject(locks) ? locks['root'] : undefined;
  return typeof root === 'string' ? root : '';
}

function nodeOf(locks: unknown, key: string): JsonObject {
  const nodes = isObject(locks) ? locks['nodes'] : undefined;
  const node = isObject(nodes) ? nodes[key] : undefined;
  return isObject(node) ? node : {};
}

function inputsOf(locks: unknown, key: string): JsonObject {
  const inputs = nodeOf(locks, key)['inputs'];
  return isObject(inputs) ? inputs : {};
}

function pinOf(locks: unknown, key: string): JsonObject {
  const locked = nodeOf(locks, key)['locked'];
  return isObject(locked) ? locked : {};
}

// Newer versions give relative inputs no hash (they are part of the source), and write fields that older ones do not
// have; so only what both name is compared.
function samePin(used: JsonObject, written: JsonObject): boolean {
  return ['narHash', 'rev'].every(
    (key) => used[key] === undefined || written[key] === undefined || used[key] === written[key],
  );
}
