import { readFile } from 'node:fs/promises';
import { asObject, asTexts, isObject, type JsonObject, parseJson, textAt } from './json.ts';
import { runNix } from './run-nix.ts';

/**
 * Gives the platforms (`x86_64-linux`) for which this machine's Nix can have something built: its own, those that it
 * runs besides (binfmt), and those of its builders. Undefined where that cannot be told. Throws `no-nix` and the
 * signal's reason.
 */
export async function platformsHere(request: {
  readonly nixArguments: readonly string[];
  readonly signal: AbortSignal;
}): Promise<ReadonlySet<string> | undefined> {
  const options = { signal: request.signal };
  const settings = settingsIn(request.nixArguments);
  const asked = await runNix(['config', 'show', '--json', ...settings], options);
  // As it was called up to Nix 2.19.
  const end = asked.kind === 'ok' ? asked : await runNix(['show-config', '--json', ...settings], options);
  if (end.kind === 'failed') return undefined;
  try {
    const config = asObject(parseJson(end.stdout, 'nix config show'), 'nix config show');
    const system = textAt(settingOf(config, 'system'), 'value', /./, 'a platform');
    const own = [system, ...asTexts(settingOf(config, 'extra-platforms')['value'], 'extra-platforms')];
    const builders = textAt(settingOf(config, 'builders'), 'value', /^/, 'a text');
    return new Set([...own, ...(await platformsOfBuilders(builders, system))]);
  } catch {
    return undefined;
  }
}

/** The settings among the arguments of an evaluation: others are none of this command's. */
function settingsIn(nixArguments: readonly string[]): readonly string[] {
  return nixArguments.flatMap((word, index) => {
    if (word === '--option') return nixArguments.slice(index, index + 3);
    return word === '--builders' || word === '--system' ? nixArguments.slice(index, index + 2) : [];
  });
}

function settingOf(config: JsonObject, name: string): JsonObject {
  const setting = config[name];
  return isObject(setting) ? setting : {};
}

/**
 * Reads the setting `builders`: machines divided by `;` or line ends, each `URI PLATFORM,PLATFORM …`, or `@FILE` with
 * such lines. A machine without platforms has the coordinator's own. Throws what reading a file throws.
 */
export async function platformsOfBuilders(builders: string, system: string): Promise<readonly string[]> {
  const all: string[] = [];
  for (const line of builders.split(/[\n;]/).map((text) => text.replace(/#.*/, '').trim())) {
    if (line === '') continue;
    if (line.startsWith('@')) {
      // Nix takes a file that is not there for an empty one.
      const file = await readFile(line.slice(1).trim(), 'utf8').catch(absent);
      all.push(...(await platformsOfBuilders(file, system)));
      continue;
    }
    const [, platforms = '-'] = line.split(/\s+/);
    all.push(...(platforms === '-' ? [system] : platforms.split(',')));
  }
  return all;
}

function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
