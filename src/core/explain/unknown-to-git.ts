import { shellLine } from '../shell-quote.ts';
import { type Line, run, say } from './remedy.ts';
import { shown } from './text.ts';

// Of a copy of the flake in the store; nixpkgs and other inputs have that name as well. (Nix 2.8 asks for the status;
// later ones say that it does not exist.)
const missingInSource =
  /(?:path '\/nix\/store\/[a-z0-9]{32}-source\/([^'\n]{1,400})' does not exist|getting status of '\/nix\/store\/[a-z0-9]{32}-source\/([^'\n]{1,400})': No such file)/;

/**
 * What to do where Nix says that a file is missing in the source of a flake: most often it is new, and git does not know of
 * it. Empty where Nix says something else.
 */
export function unknownToGit(tail: string): readonly Line[] {
  const [, later, earlier] = missingInSource.exec(tail.slice(-65_536)) ?? [];
  const path = later ?? earlier;
  if (path === undefined) return [];
  return [
    say(`Nix sees only files that git knows. If ${shown(path)} is new, then in the folder of the flake:`),
    run(shellLine(['git', 'add', '--', path])),
  ];
}
