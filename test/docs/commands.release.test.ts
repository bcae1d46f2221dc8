import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { skipWithout } from '../cli/skip-without.ts';
import { dumpLease, fleetAvailable, leaseHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { textOf } from '../repository/files.ts';
import { shellWords } from '../repository/shell-words.ts';
import { bringAbout } from './givens.ts';
import { type Block, blocksOf, commandsOf, withoutRedirections } from './markdown.ts';
import { pages } from './pages.ts';
import { type Reader, readerOf } from './reader.ts';
import { asTyped } from './stand-ins.ts';

const noFleet = fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …';

/** One reader goes from page to page, with the same hosts: a lease and a flake for each would double the time. */
let scene: { readonly lease: Lease; readonly reader: Reader; readonly leave: () => Promise<void> } | undefined;
after(() => scene?.leave());

/** What an earlier page had, and how it ended there, unless something had been brought about for it. */
const typed = new Map<string, number>();

for (const page of pages) {
  const blocks = blocksOf(textOf(page)).filter(
    ({ language, directives }) => language === 'sh' && !directives.has('not run'),
  );
  if (blocks.length === 0) continue;
  const commands = blocks.flatMap(commandsOf);
  const skip = noFleet || (commands.some((command) => /\bjq\b/.test(command)) && skipWithout('jq'));
  test(`${page}: each of its ${commands.length} commands does what the page says, typed in their order, here or on an earlier page (a deployment takes 3 s and more)`, {
    skip,
  }, async () => {
    const { lease, reader } = await sceneOf();
    try {
      for (const block of blocks) await typeAll(block, { page, lease, reader });
    } catch (error) {
      // The next page begins with hosts as they were.
      await dumpLease(lease);
      await scene?.leave();
      throw error;
    }
  });
}

async function sceneOf() {
  if (scene !== undefined) return scene;
  const lease = await leaseHosts(3);
  const reader = await readerOf(lease);
  const leave = async (): Promise<void> => {
    scene = undefined;
    await reader.release();
    await lease.release();
  };
  scene = { lease, reader, leave };
  return scene;
}

async function typeAll(
  block: Block,
  { page, lease, reader }: { readonly page: string; readonly lease: Lease; readonly reader: Reader },
): Promise<void> {
  const at = `${page}:${block.line}`;
  const commands = commandsOf(block);
  const exits = exitsOf(block.directives.get('exits') ?? '0', commands.length, at);
  const given = block.directives.get('given');
  const afterwards = given === undefined ? undefined : await bringAbout(given, reader, lease);
  for (const [index, command] of commands.entries()) {
    const line = command.replace(/\s+#.*/, '');
    const standsAlone = given === undefined && /^flurry\b[^<>|]*$/.test(line);
    if (standsAlone && typed.get(line) === exits[index]) continue;
    if (deploys(line)) await reader.change();
    const { code, stdout, stderr } = await reader.type(asTyped(command, reader));
    assert.equal(code, exits[index], `${at}: ${command}\n${stdout}\n${stderr}`);
    if (standsAlone) typed.set(line, code);
  }
  await afterwards?.();
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
