import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHistory } from '../../src/host/history.ts';
import { flurryOnTerminal } from '../deploy/on-terminal.ts';
import { hostKey } from '../examples/workstation.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { documentedFleet } from './documented-fleet.ts';
import type { Reader } from './reader.ts';

/** Brings about what a page's comment says before a block, and gives what is to be done after its commands. */
export async function bringAbout(given: string, reader: Reader, lease: Lease): Promise<() => Promise<void>> {
  for (const { phrase, make } of givens) {
    const words = phrase.exec(given);
    if (words !== null) return await make({ words: words.slice(1), reader, lease });
  }
  throw new Error(`no given of test/docs/givens.ts says “${given}”`);
}

interface Given {
  readonly phrase: RegExp;
  readonly make: (scene: {
    readonly words: readonly string[];
    readonly reader: Reader;
    readonly lease: Lease;
  }) => Promise<() => Promise<void>>;
}

/** Whether a host's last deployments, so many of them, brought it what it runs: an earlier page may have done so. */
async function wasPromoted(host: HostHandle, times: number): Promise<boolean> {
  const { stdout } = await host.inside('cat /var/lib/flurry/history.jsonl', [], { allowFailure: true });
  const ends = readHistory(stdout.split('\n')).filter(({ event }) => event === 'ended');
  const last = ends.slice(-times);
  return last.length === times && last.every((end) => 'verdict' in end && end.verdict === 'promoted');
}

const nothing = async (): Promise<void> => {};

/** Gives the flake the output `flurry`, and how to take that back. */
async function withOutput(flake: Reader['flake'], fleet: object): Promise<() => Promise<void>> {
  const file = join(flake.directory, 'flake.nix');
  const before = await readFile(file, 'utf8');
  const output = `flurry = builtins.fromJSON ''${JSON.stringify(fleet)}'';`;
  await writeFile(file, before.replace('nixosConfigurations =', `${output}\n      nixosConfigurations =`));
  await flake.commit();
  return async () => {
    await writeFile(file, before);
    await flake.commit();
  };
}

const givens: readonly Given[] = [
  {
    phrase: /^the flake gives its hosts tags$/,
    make: ({ reader: { flake } }) => withOutput(flake, documentedFleet),
  },
  {
    phrase: /^the flake pins its hosts, and no known_hosts has their keys$/,
    make: async ({ reader, lease }) => {
      const pins = await Promise.all(
        ['web1', 'web2', 'web3'].map(async (name) => {
          const host = reader.host(name);
          return [name, { hostKeys: [await hostKey(host)], machineId: host.machineId }] as const;
        }),
      );
      const known = await readFile(lease.knownHosts, 'utf8');
      await writeFile(lease.knownHosts, '');
      const restore = await withOutput(reader.flake, { hosts: Object.fromEntries(pins) });
      return async () => {
        await restore();
        await writeFile(lease.knownHosts, known);
      };
    },
  },
  {
    phrase: /^(.+) (?:was|were) deployed( twice)?$/,
    make: async ({ words: [names = '', twice], reader }) => {
      const hosts = names.split(/, | and /);
      const times = twice === undefined ? 1 : 2;
      // Several were deployed of the same revisions, and so by the same commands.
      if (hosts.length === 1 && (await wasPromoted(reader.host(names), times))) return nothing;
      for (let time = 0; time < times; time++) {
        await reader.change();
        const { code, stdout, stderr } = await reader.type(`flurry ${hosts.join(' ')}`);
        assert.equal(code, 0, `${stdout}\n${stderr}`);
      }
      return nothing;
    },
  },
  {
    phrase: /^(\S+) waits to be confirmed$/,
    make: async ({ words: [name = ''], reader, lease }) => {
      await reader.change();
      const flurry = flurryOnTerminal(lease, ['--confirm', 'ask', name], {
        cwd: reader.flake.directory,
        environment: reader.environment,
      });
      await flurry.untilShown('keep the new system? [y/N] ');
      return async () => {
        await flurry.ended;
      };
    },
  },
  {
    phrase: /^a unit of (\S+) has failed that has nothing to do with it: (\S+)$/,
    make: async ({ words: [name = '', unit = ''], reader }) => {
      await reader
        .host(name)
        .inside('systemd-run --quiet --wait --unit="$1" false || systemctl is-failed --quiet "$1"', [unit]);
      return nothing;
    },
  },
];
