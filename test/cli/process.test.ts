import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('./entry.ts', import.meta.url));
const repository = fileURLToPath(new URL('../../', import.meta.url));

function shell(script: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', process.execPath, '--import', 'tsx', entry], {
    cwd: repository,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('flurry --version prints the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(`${repository}/package.json`, 'utf8'));
  assert.deepEqual(shell('"$@" --version'), { status: 0, stdout: `flurry ${version}\n`, stderr: '' });
});

test('a reader who leaves early is no failure', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', entry, '--help'], { cwd: repository });
  child.stdout.destroy();
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [exitCode] = await once(child, 'close');
  assert.deepEqual([exitCode, said.join('')], [0, '']);
});

test('usage is told on stderr with exit code 2, nothing on stdout', () => {
  const { status, stdout, stderr } = shell('"$@" check web1 --goal test');
  assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
  assert.equal(
    stderr,
    'flurry: each option must be one that flurry check knows, found "--goal"\n  --goal belongs to flurry deploy, plan, rollback\n',
  );
});
