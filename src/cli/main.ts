import { processWorld, type World } from './world.ts';

/**
 * Runs one command line and gives its exit code. Never throws and never exits, but for a second signal. What a verb
 * needs is loaded when the verb is known; to tell the version not even the table of options is.
 */
export async function main(argv: readonly string[], world: World = processWorld()): Promise<number> {
  // A reader who left (`flurry --help | head`) is no failure of ours.
  for (const stream of [world.stdout, world.stderr]) stream.on('error', () => undefined);

  const [word, ...others] = argv;
  if (word === '--version' && others.length === 0) {
    const { tellVersion } = await import('./version.ts');
    return await tellVersion(world);
  }
  const { runCommandLine } = await import('./run-command-line.ts');
  return await runCommandLine(argv, world);
}
