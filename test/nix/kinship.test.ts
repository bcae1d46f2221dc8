import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kinshipTo } from '../../src/nix/kinship.ts';

const never = new AbortController().signal;
const nobody = '0123456789'.repeat(4);

test('git tells what is the same, older, newer by how much, and on another branch; what it does not know proves nothing', async () => {
  const repository = mkdtempSync(join(tmpdir(), 'flurry-kinship-'));
  try {
    const git = gitIn(repository);
    git('init', '--quiet', '--initial-branch=main');
    const commit = (message = 'x'): string => {
      git('commit', '--quiet', '--allow-empty', `--message=${message}`);
      return git('rev-parse', 'HEAD');
    };
    const [first, second, third, fourth] = [commit(), commit(), commit(), commit()];
    git('checkout', '--quiet', '-b', 'other', first);
    const aside = commit('aside');

    const kinship = kinshipTo({ repository, rev: second }, never);
    const told = await Promise.all([second, first, third, fourth, aside, nobody].map(kinship));
    assert.deepEqual(told, [
      { kind: 'same' },
      { kind: 'ancestor' },
      { kind: 'descendant', commits: 1 },
      { kind: 'descendant', commits: 2 },
      { kind: 'apart' },
      { kind: 'unknown' },
    ]);
    for (const rev of [nobody, undefined]) {
      assert.deepEqual(await kinshipTo({ repository, rev }, never)(first), { kind: 'unknown' });
    }
    assert.deepEqual(await kinshipTo({ repository: '/nowhere', rev: second }, never)(first), { kind: 'unknown' });
    assert.deepEqual(await kinshipTo({ rev: second }, never)(first), { kind: 'unknown' });

    // What a CI job has: where the two branches part is beyond the cut.
    const shallow = join(repository, 'shallow');
    git('clone', '--quiet', '--depth=1', '--no-single-branch', `file://${repository}`, shallow);
    assert.deepEqual(await kinshipTo({ repository: shallow, rev: fourth }, never)(aside), { kind: 'unknown' });
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
});

function gitIn(directory: string): (...words: readonly string[]) => string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  return (...words) => execFileSync('git', ['-C', directory, ...identity, ...words], { encoding: 'utf8' }).trim();
}
