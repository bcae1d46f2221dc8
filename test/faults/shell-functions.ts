import { readFileSync } from 'node:fs';
import { execa } from 'execa';

const folder = new URL('../../src/host/scripts/', import.meta.url);

/** The shells that our scripts are tried under. */
export const shells = ['dash', 'bash'] as const;

/** A shipped script, with the places that it is about moved: `{ '/run/flurry': '/tmp/…' }`. */
export function shippedScript(name: string, moved: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(new URL(`${name}.sh`, folder), 'utf8');
  for (const [from, to] of Object.entries(moved)) text = text.replaceAll(from, to);
  return text;
}

/** One function of a shipped script, where the script as a whole would start to work. */
export function shippedFunction(script: string, name: string, moved: Readonly<Record<string, string>> = {}): string {
  const text = shippedScript(script, moved);
  const found = new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}$`, 'm').exec(text)?.[0];
  if (found === undefined) throw new Error(`${script}.sh has no function ${name}`);
  return found;
}

/** Runs the texts as one script; gives what it printed. Rejects where it fails or takes more than 60 s. */
export async function runShell(
  shell: (typeof shells)[number],
  texts: readonly string[],
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...environment };
  // With a socket for its standard input, as Node's pipes are, bash takes itself for called by rshd, and reads .bashrc.
  const { stdout } = await execa(shell, ['-c', texts.join('\n'), shell, ...args], {
    stdin: 'ignore',
    env,
    extendEnv: false,
    stripFinalNewline: false,
    timeout: 60_000,
  });
  return stdout;
}
