import { createHash } from 'node:crypto';
import type { FlakeRelease } from '../core/release.ts';
import { hostArguments } from './host-reference.ts';

/**
 * Gives a hash of all that a host's Nix of that version is given to evaluate a configuration, without what only says how
 * to build: where it is the same, so is the toplevel. Undefined where that may depend on more: a dirty tree, overridden
 * inputs, an impure evaluation.
 */
export function evaluationKey(release: FlakeRelease, configuration: string, nixVersion: string): string | undefined {
  const { snapshot, overrides, nixArguments } = release;
  if (snapshot.dirtyFiles > 0 || overrides.length > 0 || nixVersion === '' || !isPure(nixArguments)) return undefined;
  const given = [
    '1',
    nixVersion,
    hostArguments({ ...release, nixArguments: [] }, configuration, '/run/flurry/registry.json'),
  ];
  return createHash('sha256').update(JSON.stringify(given)).digest('hex');
}

/** Knows few words, and takes every other one for impure: what Nix makes of it is not known here. */
function isPure(words: readonly string[]): boolean {
  for (let at = 0; at < words.length; at += 1) {
    if (words[at] === '--show-trace') continue;
    if (words[at] !== '--option' || !keepsPure.has(words[at + 1] ?? '') || words[at + 2] === undefined) return false;
    at += 2;
  }
  return true;
}

// How it is built and fetched, never what.
const keepsPure = new Set([
  ...['cores', 'max-jobs', 'builders', 'builders-use-substitutes', 'keep-going', 'fallback', 'timeout'],
  ...['max-silent-time', 'connect-timeout', 'http-connections', 'download-attempts', 'log-lines', 'warn-dirty'],
  ...['substitute', 'substituters', 'extra-substituters', 'trusted-public-keys', 'extra-trusted-public-keys'],
  ...['require-sigs', 'sandbox', 'show-trace', 'eval-cache'],
]);
