import assert from 'node:assert/strict';
import { flurryOnTerminal } from '../deploy/on-terminal.ts';
import type { Lease } from '../fleet/lease.ts';
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

const nothing = async (): Promise<void> => {};

const givens: readonly Given[] = [
  {
    phrase: /^(.+) (?:was|were) deployed( twice)?$/,
    make: async ({ words: [names = '', twice], reader }) => {
      for (let time = twice === undefined ? 1 : 0; time < 2; time++) {
        await reader.change();
        const { code, stdout, stderr } = await reader.type(`flurry ${names.replaceAll(/,| and\b/g, '')}`);
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
