import { cpus, loadavg, totalmem } from 'node:os';
import { repositoryRoot } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';

/** Where figures were taken, and with what. */
export interface Machine {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly load: readonly number[];
  readonly node: string;
  readonly nix: string;
  readonly ssh: string;
  readonly flurry: string;
}

export async function machine(): Promise<Machine> {
  const said = async (name: string, ...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await program(name, args, { allowFailure: true });
    return (stdout || stderr).trim();
  };
  const changed = await said('git', '-C', repositoryRoot, 'status', '--porcelain', 'src', 'bin');
  const rev = await said('git', '-C', repositoryRoot, 'rev-parse', '--short', 'HEAD');
  return {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((value) => Number(value.toFixed(2))),
    node: process.version,
    nix: await said('nix', '--version'),
    ssh: await said('ssh', '-V'),
    flurry: changed === '' ? rev : `${rev} and changes`,
  };
}

export function machineLine(one: Machine): string {
  const { cpu, cores, memoryGiB, node, nix, ssh, flurry, load, at } = one;
  return `${at}: ${cores} × ${cpu}, ${memoryGiB} GiB, load ${load.join(' ')}; node ${node}, ${nix}, ${ssh.split(',')[0]}, flurry ${flurry}`;
}
