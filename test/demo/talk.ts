import { spawn } from 'node:child_process';
import chalk from 'chalk';

/** Begins a part of the story. */
export function heading(text: string): void {
  process.stdout.write(`\n${chalk.bold.cyan('──')} ${chalk.bold(text)}\n`);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A command to paste, with what it does above it. */
export function suggest(meaning: string, ...commands: readonly string[]): void {
  process.stdout.write(`\n  ${meaning}\n${commands.map((line) => `    ${chalk.cyan(line)}\n`).join('')}`);
}

/** Shows a command as a person types it, then runs it on this terminal; returns its exit code. */
export async function run(shown: string, argv: readonly string[], directory: string): Promise<number> {
  process.stdout.write(`\n${chalk.dim('$')} ${chalk.bold(shown)}\n`);
  const [name = '', ...args] = argv;
  const child = spawn(name, args, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
