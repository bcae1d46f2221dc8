import assert from 'node:assert/strict';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '../fleet/program.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const stateScript = 'src/host/scripts/state.sh';

/**
 * Makes a copy of the package in which the one function that writes states halts where a test wants it; all else is as
 * shipped. Gives the path of its program.
 */
export async function packageUnderTest(directory: string): Promise<string> {
  const root = join(directory, 'package');
  await mkdir(join(root, 'src/host'), { recursive: true });
  for (const part of ['bin', 'package.json', 'src/host/scripts']) {
    await cp(join(repository, part), join(root, part), { recursive: true });
  }
  assert.ok(await distIsFresh(), 'dist is older than src: npm run build');
  await cp(join(repository, 'dist'), join(root, 'dist'), { recursive: true });
  const shipped = await readFile(join(root, stateScript), 'utf8');
  const renamed = shipped.replace(/^set_state\(\) \{$/m, 'write_state() {');
  assert.notEqual(renamed, shipped, `${stateScript} has no function set_state`);
  const halting = await readFile(new URL('pausing-state.sh', import.meta.url), 'utf8');
  await writeFile(join(root, stateScript), `${renamed}\n${halting}`);
  return join(root, 'bin/flurry.js');
}

/** Whether the built program is newer than every source, as `npm test` leaves it. */
async function distIsFresh(): Promise<boolean> {
  const built = await stat(join(repository, 'dist/cli/main.js')).catch(() => undefined);
  if (built === undefined) return false;
  const newer = await program('find', [
    join(repository, 'src'),
    '-newermt',
    built.mtime.toISOString(),
    '-print',
    '-quit',
  ]);
  return newer.stdout === '';
}
