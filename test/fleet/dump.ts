import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announce } from './announce.ts';
import type { HostState } from './fleet-state.ts';
import { hostRoot } from './host-disk.ts';
import { hostFacts } from './host-facts.ts';
import { insideIfUp } from './inside.ts';
import { leaderPid } from './leader.ts';
import { program } from './program.ts';

interface DumpableHost {
  readonly name: string;
  dump(directory: string): Promise<void>;
}

/** What is asked inside, each into a file of its own. */
const questions = {
  'units.txt': 'systemctl list-units --all --no-pager; systemctl list-timers --all --no-pager; systemctl list-jobs',
  'failed.txt':
    'systemctl --failed --no-pager; systemctl list-units --failed --plain --no-legend | cut -d " " -f 1 |' +
    ' xargs -r systemctl status --no-pager --lines=50',
  'flurry-units.txt':
    'systemctl list-units --all --plain --no-legend "flurry-*" | cut -d " " -f 1 | xargs -r systemctl show',
  'processes.txt': 'ps axfo pid,ppid,stat,etimes,unit,args',
  'files.txt':
    'ls -lAR /run/flurry /var/lib/flurry /boot /nix/var/nix/profiles /nix/var/nix/gcroots; df -h / /run; free -m',
} as const;

/** Dumps the hosts into one new folder (in FLURRY_TEST_DUMPS or the temporary folder) and says where; returns its path. */
export async function dumpHosts(hosts: readonly DumpableHost[]): Promise<string> {
  const directory = await mkdtemp(join(process.env['FLURRY_TEST_DUMPS'] ?? tmpdir(), 'flurry-dump-'));
  const dumped = await Promise.allSettled(hosts.map((host) => host.dump(join(directory, host.name))));
  announce(`the hosts' journals, units and state: ${directory}`);
  for (const one of dumped) if (one.status === 'rejected') announce(`a dump failed: ${one.reason}`);
  return directory;
}

/** Writes the host's journal, flurry's state, units and facts into the folder; what can't be had says why in its place. */
export async function dumpHost(host: HostState, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const into = async (name: string, get: () => Promise<string>) => {
    const text = await get().catch((error: unknown) => `not to be had: ${error}\n`);
    await writeFile(join(directory, name), text);
  };
  const journal = join(hostRoot(host), 'var/log/journal');
  const asked = Object.entries(questions).map(([name, script]) =>
    into(name, async () => (await insideIfUp(host, `{ ${script}; } 2>&1`))?.stdout ?? 'the host is off\n'),
  );
  await Promise.all([
    ...asked,
    into('facts.json', async () => `${JSON.stringify(await hostFacts(host), null, 2)}\n`),
    // From outside, so that a dead host tells as well; from inside only its last lines are newer.
    into('journal.txt', async () => {
      await insideIfUp(host, 'journalctl --sync', [], { timeoutMs: 5_000 });
      const args = ['--directory', journal, '--output=short-precise', '--no-pager', '--lines=20000'];
      return (await program('journalctl', args, { allowFailure: true })).stdout;
    }),
    copy(join(host.directory, 'console.log'), join(directory, 'console.log')),
    copy(join(hostRoot(host), 'var/lib/flurry'), join(directory, 'var-lib-flurry')),
    copyRun(host, directory),
  ]);
}

/** /run is the host's own memory: reachable from outside only through its first process. */
async function copyRun(host: HostState, directory: string): Promise<void> {
  const leader = await leaderPid(host);
  if (leader !== undefined) await copy(`/proc/${leader}/root/run/flurry`, join(directory, 'run-flurry'));
}

async function copy(from: string, to: string): Promise<void> {
  // verbatimSymlinks: links lead to store paths of the host, not of this machine. Pipes (the token?) can't be copied.
  const filter = async (path: string) => !path.endsWith('.fifo');
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter }).catch(async (error: unknown) => {
    await writeFile(`${to}.missing`, `${error}\n`);
  });
}
