import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { execa } from 'execa';
import { commitsBetween } from '../../src/nix/work-tree.ts';

const signal = new AbortController().signal;
const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function repository() {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-work-tree-'));
  folders.push(directory);
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const git = async (...words: readonly string[]): Promise<string> =>
    (await execa('git', ['-C', directory, ...words], { env: who })).stdout;
  await git('init', '-q', '-b', 'main');
  const commit = async (name: string): Promise<string> => {
    await writeFile(join(directory, name), name);
    await git('add', '-A');
    await git('commit', '-q', '-m', name);
    return await git('rev-parse', 'HEAD');
  };
  return { directory, git, commit };
}

test('the commits between two revisions are counted for each side; what git does not know is not', async () => {
  const { directory, git, commit } = await repository();
  const first = await commit('a');
  await commit('b');
  const third = await commit('c');
  const between = (rev: string, base: string) => commitsBetween(directory, { rev, base }, signal);
  assert.deepEqual(await between(first, third), { ahead: 0, behind: 2 });
  assert.deepEqual(await between(third, first), { ahead: 2, behind: 0 });
  assert.deepEqual(await between(third, 'HEAD'), { ahead: 0, behind: 0 });
  await git('checkout', '-q', '-b', 'side', first);
  const aside = await commit('d');
  assert.deepEqual(await between(aside, third), { ahead: 1, behind: 2 });
  assert.equal(await between('0'.repeat(40), third), undefined);
  assert.equal(await between('--all', third), undefined);
});

test('a shallow clone, whose history ends too early, tells nothing', async () => {
  const { directory, commit } = await repository();
  const first = await commit('a');
  const second = await commit('b');
  const clone = await mkdtemp(join(tmpdir(), 'flurry-shallow-'));
  folders.push(clone);
  await execa('git', ['clone', '-q', '--depth', '1', `file://${directory}`, clone]);
  assert.equal(await commitsBetween(clone, { rev: first, base: second }, signal), undefined);
  assert.equal(await commitsBetween(clone, { rev: second, base: 'HEAD' }, signal), undefined);
});

test('a folder without git tells nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-no-git-'));
  folders.push(directory);
  assert.equal(await commitsBetween(directory, { rev: '0'.repeat(40), base: 'HEAD' }, signal), undefined);
});
