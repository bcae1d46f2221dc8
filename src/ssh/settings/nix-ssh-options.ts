import { FlurryError } from '../../core/problem.ts';

/** What NIX_SSHOPTS says, as far as it says how hosts are reached. */
export interface NixSshOptions {
  readonly configFile: string | undefined;
  /** Words for ssh, each option with its value in a word of its own. */
  readonly words: readonly string[];
}

// getopt string of OpenSSH 10.0 (ssh.c): letters before a colon take a value.
const withValue = 'BbcDEeFIiJLlmOoPpQRSWw';
// Forwardings, terminals, masters of the user's own, logs and the like say nothing about the way.
const aboutTheWay = '46BbcCFIiJKklmoPp';

/**
 * Reads NIX_SSHOPTS as Nix does: split like shell words, handed to ssh. Throws `ssh-config` for a quote that is not
 * closed and for a word that is no option: ssh would take it for the host.
 */
export function nixSshOptions(environment: NodeJS.ProcessEnv): NixSshOptions {
  const words: string[] = [];
  let configFile: string | undefined;
  const left = shellWords(environment['NIX_SSHOPTS'] ?? '');
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!/^-[A-Za-z0-9]/.test(word)) refuse(`"${word}" is no option of ssh`);
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      const takesValue = withValue.includes(letter);
      const value = takesValue ? word.slice(at + 1) || left.shift() : undefined;
      if (takesValue && value === undefined) refuse(`-${letter} has no value`);
      if (letter === 'F') configFile = value;
      // ssh refuses -J where ProxyJump was said before; of an option the first value counts.
      else if (letter === 'J') words.push('-o', `ProxyJump=${value}`);
      else if (aboutTheWay.includes(letter)) words.push(`-${letter}`, ...(value === undefined ? [] : [value]));
      if (takesValue) break;
    }
  }
  return { configFile, words };
}

/** Splits as shellSplitString of Nix does (src/libutil/strings.cc), and at line ends, as older ones do. */
function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let rest = text;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };
  while (rest !== '') {
    if (take(/^\s+/) !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (rest.startsWith("'")) {
      const quoted = take(/^'[^']*'/) ?? refuse('a single quote is not closed');
      word = (word ?? '') + quoted.slice(1, -1);
    } else if (rest.startsWith('"')) {
      const quoted = take(/^"(?:[^"\\]|\\.)*"/s) ?? refuse('a double quote is not closed');
      word = (word ?? '') + quoted.slice(1, -1).replace(/\\([$`"\\])/g, '$1');
    } else if (rest.startsWith('\\')) {
      const escaped = take(/^\\./s) ?? take(/^\\/) ?? '';
      if (escaped.length > 1) word = (word ?? '') + escaped.slice(1);
    } else word = (word ?? '') + (take(/^[^\s'"\\]+/) ?? '');
  }
  if (word !== undefined) words.push(word);
  return words;
}

function refuse(said: string): never {
  throw new FlurryError({ code: 'ssh-config', said: `NIX_SSHOPTS: ${said}` });
}
