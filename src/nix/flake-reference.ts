import { FlurryError } from '../core/problem.ts';

/**
 * Refuses what Nix could take for something else than one flake reference; what Nix makes of the rest is Nix's to say.
 * No shell ever sees it. Throws `bad-argument`.
 */
export function checkReference(argument: string, reference: string): void {
  const refuse = (expected: string): never => {
    throw new FlurryError({ code: 'bad-argument', argument, expected, found: reference });
  };
  if (reference === '') refuse('a flake reference');
  if (reference.startsWith('-')) refuse('a flake reference; a folder whose name begins with - is written ./-name');
  if (/[\u0000-\u001f\u007f]/.test(reference)) refuse('a flake reference without control characters');
  if (reference.includes('#')) refuse('a flake reference without #; the configuration belongs to the destination');
}
