import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/flurry.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'flurry-loaded-'));
after(() => rmSync(folder, { recursive: true }));

// What a verb does not need it does not load: to compile and run modules is most of what starting costs.
const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['--version'], []],
  [['--help'], ['commander']],
  [['check', '--help'], ['commander']],
  [
    ['check', 'web1', '--goal', 'test'],
    ['chalk', 'commander', 'listr2', 'p-limit', 'zod'],
  ],
  [['list'], ['chalk', 'commander', 'execa', 'listr2', 'p-limit', 'zod']],
  [
    ['check', '--no-flake', '--ssh-config', '/dev/null', 'nobody.invalid'],
    ['chalk', 'commander', 'listr2', 'p-limit', 'ssh2', 'zod'],
  ],
];

for (const [argv, packages] of cases) {
  test(`flurry ${argv.join(' ')} loads ${packages.join(', ') || 'no package'}`, () => {
    assert.deepEqual(
      loadedBy(argv).filter((name) => known.has(name)),
      packages,
    );
  });
}

test('flurry --version loads three modules of its own', () => {
  assert.deepEqual(modulesOf(['--version']), ['src/cli/world.ts', 'src/cli/main.ts', 'src/cli/version.ts']);
});

test('flurry check loads at most sixteen files', () => {
  const argv = ['check', '--no-flake', '--ssh-config', '/dev/null', 'nobody.invalid'];
  const files = urlsOf(argv).filter((url) => url.includes('/dist/'));
  assert.ok(files.length <= 16, files.join('\n'));
});

/** Those of package.json; what they load themselves is theirs. */
const known = new Set(
  Object.keys(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).devDependencies),
);

function loadedBy(argv: readonly string[]): readonly string[] {
  const names = modulesOf(argv).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** The modules that a run loads; the bundle says before each what it was. */
function modulesOf(argv: readonly string[]): readonly string[] {
  const files = urlsOf(argv).filter((url) => url.includes('/dist/'));
  const texts = files.map((url) => readFileSync(new URL(url), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/^\/\/ ((?:src|node_modules)\/\S+)$/gm)].map(([, path = '']) => path),
  );
}

/** The files that a run of the built program loads, in their order. */
function urlsOf(argv: readonly string[]): readonly string[] {
  const list = join(folder, 'urls');
  rmSync(list, { force: true });
  const hooks = `import { appendFileSync } from 'node:fs';
    export const load = (url, context, next) => { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); };`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(moduleOf(hooks))});`;
  const { error } = spawnSync(process.execPath, ['--import', moduleOf(register), program, ...argv], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return readFileSync(list, 'utf8').trim().split('\n');
}

function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
