import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from '../../src/core/event.ts';
import { withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { repositoryRoot } from '../fleet/paths.ts';
import type { ProgramResult } from '../fleet/program.ts';
import { type Answer, answered } from './answered.ts';
import { readmeCommands } from './readme-commands.ts';
import { standIn, trust, type Variables, type Workstation, workstation } from './workstation.ts';

/** A copy of an example in a git repository of its own, and hosts that play the ones that it names. */
export interface Example {
  readonly lease: Lease;
  readonly directory: string;
  readonly names: ReadonlyMap<string, HostHandle>;
  readonly machine: Workstation;
  host(name: string): HostHandle;
  /** Runs a line of the example's README on the machine, in the copy. */
  run(line: string, variables?: Variables): Promise<ProgramResult>;
  /** Notes that a line of the README was run by others. */
  ran(line: string): void;
  /** The lines of the README that are to be typed. */
  readonly lines: readonly string[];
  /** The same on a terminal, where a question is answered once it is put. */
  answer(line: string, said: Answer): Promise<ProgramResult>;
  /** The same with `-o json`; gives its events. */
  events(line: string): Promise<readonly Event[]>;
  /** Writes another text in the place of one that is there once, and commits it. */
  edit(file: string, from: string, to: string): Promise<void>;
  git(...words: readonly string[]): Promise<string>;
  /** The toplevel of a configuration, as plain Nix evaluates it. */
  toplevel(name: string): Promise<string>;
}

export interface ExampleOptions {
  /** Other names than the flake's: those by which the person's machine finds hosts, and those by which it knows their keys. */
  readonly found?: Readonly<Record<string, string>>;
  readonly known?: Readonly<Record<string, string>>;
}

/** The body of a test of an example, in which each flurry line of its README has to be run. */
export function withExample(
  folder: string,
  hosts: readonly string[],
  body: (example: Example) => Promise<void>,
  { found, known }: ExampleOptions = {},
): () => Promise<void> {
  return withHosts(hosts.length, async (lease) => {
    const names = new Map(hosts.flatMap((name, index) => pairOf(name, lease.hosts[index])));
    for (const [name, host] of names) await host.inside('echo "$1" >/etc/hostname; hostname "$1"', [name]);
    try {
      const lines = await readmeCommands(folder);
      const run = new Set<string>();
      await body(await exampleOf(lease, { folder, names, found, known, lines, run }));
      const left = lines.filter((line) => line.startsWith('flurry ') && !run.has(line));
      assert.deepEqual(left, [], 'flurry lines of the README that this test does not run');
    } finally {
      for (const host of lease.hosts) await host.inside('hostname "$1"', [host.name]);
    }
  });
}

interface Parts {
  readonly folder: string;
  readonly names: ReadonlyMap<string, HostHandle>;
  readonly found: Readonly<Record<string, string>> | undefined;
  readonly known: Readonly<Record<string, string>> | undefined;
  readonly lines: readonly string[];
  readonly run: Set<string>;
}

async function exampleOf(lease: Lease, { folder, names, found, known, lines, run }: Parts): Promise<Example> {
  const directory = join(lease.directory, folder);
  const host = (name: string): HostHandle => {
    const one = names.get(name);
    assert.ok(one, name);
    return one;
  };
  const by = (aliases: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, HostHandle> =>
    aliases ? new Map(Object.entries(aliases).map(([alias, name]) => [alias, host(name)])) : names;
  const machine = await workstation(lease, { name: 'laptop', names: by(found) });
  await trust(machine, lease, by(known));
  const shell = async (line: string, ...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await machine.bash(directory, ['-c', line, 'bash', ...words]);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const git = (...words: readonly string[]): Promise<string> => shell('git "$@"', ...words);
  const commit = () => shell('git add --all && git commit --quiet --allow-empty --message=x');
  const overrides = { FLURRY_OVERRIDE_INPUT: standIn };
  const noted = (line: string): string => {
    assert.ok(lines.includes(line), `README.md of ${folder} has no line “${line}”`);
    run.add(line);
    return line;
  };
  const runLine = async (line: string, variables: Variables = {}): Promise<ProgramResult> => {
    return await machine.bash(directory, ['-c', noted(line)], { ...overrides, ...variables });
  };

  await cp(join(repositoryRoot, 'examples', folder), directory, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  await commit();
  return {
    lease,
    directory,
    names,
    machine,
    host,
    git,
    lines,
    run: runLine,
    ran: (line) => void noted(line),
    async answer(line, { question, words }) {
      return await answered(machine.argv(directory, ['-c', noted(line)], overrides), { question, words });
    },
    async events(line) {
      const { stdout } = await runLine(line, { FLURRY_OUTPUT: 'json' });
      return stdout.split('\n').flatMap((text) => (text.startsWith('{') ? [JSON.parse(text)] : []));
    },
    async edit(file, from, to) {
      const text = await readFile(join(directory, file), 'utf8');
      assert.equal(text.split(from).length, 2, `${file} has “${from}” once`);
      await writeFile(
        join(directory, file),
        text.replace(from, () => to),
      );
      await commit();
    },
    toplevel: (name) =>
      shell(
        'nix eval --raw --no-write-lock-file --override-input $1 $2 ".#nixosConfigurations.$3.config.system.build.toplevel.outPath"',
        ...standIn.split(' '),
        name,
      ),
  };
}

function pairOf(name: string, host: HostHandle | undefined): readonly [string, HostHandle][] {
  return host === undefined ? [] : [[name, host]];
}
