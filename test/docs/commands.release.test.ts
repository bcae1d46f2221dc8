import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { textOf } from '../repository/files.ts';
import { shellWords } from '../repository/shell-words.ts';
import { bringAbout } from './givens.ts';
import { blocksOf, commandsOf, withoutRedirections } from './markdown.ts';
import { pages } from './pages.ts';
import { readerOf } from './reader.ts';
import { asTyped } from './stand-ins.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

for (const page of pages) {
  const blocks = blocksOf(textOf(page)).filter(
    ({ language, directives }) => language === 'sh' && !directives.has('not run'),
  );
  if (blocks.length === 0) continue;
  const count = blocks.flatMap(commandsOf).length;
  test(
    `${page}: each of its ${count} commands does what the page says, typed in their order (a deployment takes 3 s and more)`,
    options,
    withHosts(3, async (lease) => {
      const reader = await readerOf(lease);
      try {
        for (const block of blocks) {
          const at = `${page}:${block.line}`;
          const given = block.directives.get('given');
          const afterwards = given === undefined ? undefined : await bringAbout(given, reader, lease);
          const commands = commandsOf(block);
          const exits = exitsOf(block.directives.get('exits') ?? '0', commands.length, at);
          for (const [index, command] of commands.entries()) {
            if (deploys(command)) await reader.change();
            const { code, stdout, stderr } = await reader.type(asTyped(command, reader));
            assert.equal(code, exits[index], `${at}: ${command}\n${stdout}\n${stderr}`);
          }
          await afterwards?.();
        }
      } finally {
        await reader.release();
      }
    }),
  );
}

/** One exit code for all commands, or one for each. */
function exitsOf(text: string, count: number, at: string): readonly number[] {
  const exits = text.split(', ').map(Number);
  if (exits.length === 1) return Array.from({ length: count }, () => exits[0] ?? 0);
  assert.equal(exits.length, count, `${at}: as many exit codes as commands`);
  return exits;
}

function deploys(command: string): boolean {
  if (!/^flurry( |$)/.test(command)) return false;
  const { verb, destinations, question } = readCommandLine(shellWords(withoutRedirections(command)).slice(1));
  return verb === 'deploy' && destinations.length > 0 && question === undefined;
}
