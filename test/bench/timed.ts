import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';

/** A program as a user would start it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How it went. */
export interface Timed {
  readonly seconds: number;
  /** Of the coordinator: the program and all that it started. */
  readonly cpuSeconds: number;
  readonly stdout: string;
  /** Absent where it exited with 0: the end of what it said. */
  readonly failure?: string;
}

/**
 * Runs a command to its end and tells how long it took. It writes into files, not to us: that costs nothing here, and
 * what it leaves behind (a ControlMaster) may hold them open.
 */
export async function timed(command: Command, log: string): Promise<Timed> {
  const [out, err] = [openSync(`${log}.out`, 'w'), await open(`${log}.err`, 'w')];
  const [cpuBefore, from] = [childrenSeconds(), performance.now()];
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.environment,
    stdio: ['ignore', out, err.fd],
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 255));
  });
  const seconds = (performance.now() - from) / 1000;
  const cpuSeconds = childrenSeconds() - cpuBefore;
  await err.close();
  const stdout = await readFile(`${log}.out`, 'utf8');
  const failure = `exit code ${code}: ${(await readFile(`${log}.err`, 'utf8')).slice(-600)}${stdout.slice(-600)}`;
  return { seconds, cpuSeconds, stdout, ...(code === 0 ? {} : { failure }) };
}

// Of children that have ended and theirs, in ticks of 10 ms: cutime and cstime of proc(5). The name may hold spaces.
function childrenSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
