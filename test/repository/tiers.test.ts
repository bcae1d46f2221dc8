import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program } from '../fleet/program.ts';

const runner = fileURLToPath(new URL('../run.sh', import.meta.url));

describe('test/run.sh', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flurry-tiers-'));
    const files = ['core/a.test.ts', 'deploy/b.faults.test.ts', 'deploy/b.test.ts', 'docs/c.release.test.ts'];
    for (const file of [...files.map((name) => `test/${name}`), 'dist/cli/main.js', 'src/a.ts', 'package-lock.json']) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), '');
    }
    await writeFile(join(root, 'tsconfig.json'), '');
    await writeFile(join(root, 'dist/cli/main.js'), '');
    for (const script of ['run.sh', 'setup.sh']) await cp(join(dirname(runner), script), join(root, 'test', script));
    await mkdir(join(root, 'node_modules'));
    await writeFile(join(root, 'node_modules/.package-lock.json'), '');
    await mkdir(join(root, 'bin'));
    const stubs = {
      node: 'echo "$*" >>"$ROOT/ran"; for word; do case $word in *.mts) cat "$word" >>"$ROOT/shared" ;; esac; done',
      ...{ npm: ':', npx: ':', shellcheck: ':', 'apt-get': ':' },
      ...{ uname: 'echo Linux', id: 'echo "$USER_ID"' },
    };
    for (const [name, text] of Object.entries(stubs)) {
      await writeFile(join(root, 'bin', name), `#!/bin/sh\n${text}\n`);
      await chmod(join(root, 'bin', name), 0o755);
    }
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** What is run on how many hosts, beside the preparation: the tests' files, or the matrix with its words. */
  const ran = async (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    for (const name of ['ran', 'shared']) await rm(join(root, name), { force: true });
    await program('bash', [join(root, 'test/run.sh'), ...words], {
      environment: {
        PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
        ROOT: root,
        FLURRY_TEST_HOSTS: '',
        USER_ID: '0',
        ...environment,
      },
      allowFailure: true, // no test says how many they were
    });
    const lines = (await readFile(join(root, 'ran'), 'utf8').catch(() => '')).trimEnd().split('\n');
    return lines
      .filter((line) => !line.includes(' prepare '))
      .map((line) =>
        line
          .replace(/^--import tsx test\/fleet\/cli\.ts run --hosts (\d+) -- (node )+/, '$1 hosts: ')
          .replace('--import tsx ', '')
          .replace(/--test .*--test-reporter-destination=\S+ /, '')
          .replace(/\S+\/units\.test\.mts/, 'units'),
      );
  };

  it('without words runs what is named for neither of the longer tiers', async () => {
    assert.deepEqual(await ran([]), ['10 hosts: units test/deploy/b.test.ts']);
  });

  it('runs the tests of some rooms without hosts in one process', async () => {
    await ran(['--unit']);
    assert.equal(await readFile(join(root, 'shared'), 'utf8'), `import '${root}/test/core/a.test.ts';\n`);
  });

  it('runs the tests named for a release, alone or after those of npm test', async () => {
    assert.deepEqual(await ran(['--release']), ['12 hosts: test/docs/c.release.test.ts']);
    assert.deepEqual(await ran(['--all']), ['12 hosts: units test/deploy/b.test.ts test/docs/c.release.test.ts']);
  });

  it('for npm run test:faults runs the tests named for it, then the whole matrix', async () => {
    const tests = '12 hosts: test/deploy/b.faults.test.ts';
    assert.deepEqual(await ran(['--faults']), [tests, '8 hosts: test/faults/run.ts']);
    assert.deepEqual(await ran(['--faults', '--tests']), [tests]);
    assert.deepEqual(await ran(['--faults', '--tests', 'test/deploy/b.test.ts']), ['12 hosts: test/deploy/b.test.ts']);
  });

  it('with the words of the matrix runs the matrix alone', async () => {
    const words = ['--only', 'frozen', '--only', ':waiting', '--seed', '6', '--table', '/tmp/a b'];
    assert.deepEqual(await ran(['--faults', ...words]), [`8 hosts: test/faults/run.ts ${words.join(' ')}`]);
  });

  it('runs the files that are named and no other', async () => {
    assert.deepEqual(await ran(['test/docs/c.release.test.ts']), ['10 hosts: test/docs/c.release.test.ts']);
    assert.deepEqual(await ran(['--faults', 'test/deploy/b.faults.test.ts']), [
      '12 hosts: test/deploy/b.faults.test.ts',
    ]);
  });

  it('without hosts runs no matrix', async () => {
    const nobody = { USER_ID: '1000' };
    assert.deepEqual(await ran(['--unit']), ['units test/deploy/b.test.ts']);
    assert.deepEqual(await ran(['--faults'], nobody), ['test/deploy/b.faults.test.ts']);
    assert.deepEqual(await ran(['--faults', '--only', 'frozen'], nobody), ['']);
  });
});
