import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from './files.ts';

const forbidden: readonly (readonly [string, string])[] = [
  // the room that imports, what it imports
  ['core', '../config/request.ts'],
  ['core', 'node:fs'],
  ['config', '../ssh/connect.ts'],
  ['config', 'commander'],
  ['ssh', '../nix/copy.ts'],
  ['ssh', '../config/request.ts'],
  ['nix', '../host/ask.ts'],
  ['nix', 'ssh2'],
  ['host', '../ssh/connect.ts'],
  ['host', 'node:child_process'],
  ['deploy', '../report/report.ts'],
  ['deploy', '../cli/main.ts'],
  ['deploy', 'ssh2'],
  ['report', '../deploy/host.ts'],
  ['report', 'p-limit'],
  ['cli', 'listr2'],
];
const allowed: readonly (readonly [string, string])[] = [
  ['config', 'zod'],
  ['ssh', 'ssh2'],
  ['deploy', '../host/ask.ts'],
  ['deploy', 'p-limit'],
  ['report', '../core/event.ts'],
  ['report', 'listr2'],
  ['cli', '../deploy/fleet.ts'],
  ['cli', 'commander'],
];

const folder = mkdtempSync(join(tmpdir(), 'flurry-import-law-'));
after(() => rmSync(folder, { recursive: true }));

test('the linter enforces the import law', async (context) => {
  const cases = [...forbidden, ...allowed].map(([room, imported], index) => {
    const path = `src/${room}/case-${index}.ts`;
    mkdirSync(join(folder, 'src', room), { recursive: true });
    writeFileSync(join(folder, path), `import { x } from '${imported}';\n\nexport const y = x;\n`);
    return { title: `src/${room} imports ${imported}`, path, isForbidden: index < forbidden.length };
  });
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  const refused = refusedFiles();
  for (const { title, path, isForbidden } of cases) {
    await context.test(title, () => assert.equal(refused.has(path), isForbidden));
  }
});

function refusedFiles(): ReadonlySet<string> {
  const flags = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none'];
  const biome = join(root, 'node_modules', '.bin', 'biome');
  const { stdout } = spawnSync(biome, flags, { cwd: folder, encoding: 'utf8' });
  const found = [...stdout.matchAll(/noRestrictedImports,file=[^,]*(src\/\w+\/case-\d+\.ts),/g)];
  return new Set(found.map(([, path = '']) => path));
}
