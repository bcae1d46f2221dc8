import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FlakeSnapshot } from '../../src/core/release.ts';
import { takeSnapshot } from '../../src/nix/snapshot.ts';
import {
  commit,
  flake,
  git,
  inventory,
  nix,
  problemFrom,
  repository,
  root,
  soon,
  tree,
  withoutNix,
} from './flake-trees.ts';

const snapshot = (reference: string): Promise<FlakeSnapshot> =>
  takeSnapshot({ reference, nixArguments: [], signal: soon() });
const narHash = (path: string): string => nix('hash', 'path', path).trim();

describe('the reference to a flake', { skip: withoutNix }, () => {
  test('a clean repository is pinned by its revision, whether given as path, relative path or URL', async () => {
    const folder = repository('clean', { 'flake.nix': flake() });
    const rev = git(folder, 'rev-parse', 'HEAD');
    const here = process.cwd();
    try {
      process.chdir(folder);
      for (const reference of ['.', folder, '../clean', `git+file://${folder}`]) {
        const found = await snapshot(reference);
        assert.deepEqual(found, {
          reference,
          storePath: found.storePath,
          narHash: narHash(found.storePath),
          lastModified: 1795305600,
          rev,
          repository: folder,
          branch: 'main',
          dirtyFiles: 0,
        });
        assert.match(found.storePath, /^\/nix\/store\/[0-9a-z]{32}-source$/);
      }
    } finally {
      process.chdir(here);
    }
  });

  test('a path: flake has neither revision nor branch', async () => {
    const folder = tree('plain', { 'flake.nix': flake() });
    for (const reference of [folder, `path:${folder}`]) {
      const found = await snapshot(reference);
      assert.equal(found.narHash, narHash(folder));
      assert.deepEqual(
        [found.rev, found.branch, found.dirtyFiles, found.subdirectory],
        [undefined, undefined, 0, undefined],
      );
    }
  });

  // Nix 2.8 takes such a folder by no other spelling.
  test('. may be a folder with spaces and quotes in its name', async () => {
    const folder = tree(`odd 'folder' $(touch pwned)`, { 'flake.nix': flake() });
    const here = process.cwd();
    try {
      process.chdir(folder);
      assert.equal((await snapshot('.')).narHash, narHash(folder));
    } finally {
      process.chdir(here);
    }
  });

  test('a flake in a subdirectory of a repository is snapshot with the whole repository', async () => {
    const folder = repository('whole', { 'nix/hosts/flake.nix': flake(), 'other.txt': 'x' });
    const dirs = [join(folder, 'nix/hosts'), `git+file://${folder}?dir=nix/hosts`, `${folder}/nix/hosts/`];
    for (const reference of dirs) {
      const found = await snapshot(reference);
      assert.equal(found.subdirectory, 'nix/hosts', reference);
      assert.equal(found.rev, git(folder, 'rev-parse', 'HEAD'));
      assert.ok(statSync(join(found.storePath, 'other.txt')).isFile());
    }
  });

  test('a folder below the one with flake.nix means that flake', async () => {
    const folder = repository('above', { 'flake.nix': flake(), 'modules/web.nix': '{ }' });
    const found = await snapshot(join(folder, 'modules'));
    assert.equal(found.rev, git(folder, 'rev-parse', 'HEAD'));
    assert.equal(found.subdirectory, undefined);
  });

  test('a branch and a revision are taken from the repository, not from its work tree', async () => {
    const folder = repository('branches', { 'flake.nix': flake() });
    const first = git(folder, 'rev-parse', 'HEAD');
    git(folder, 'checkout', '--quiet', '-b', 'next');
    appendFileSync(join(folder, 'flake.nix'), '# next');
    const second = commit(folder);
    git(folder, 'checkout', '--quiet', 'main');
    appendFileSync(join(folder, 'flake.nix'), '# not committed');

    const branch = await snapshot(`git+file://${folder}?ref=next`);
    assert.deepEqual([branch.rev, branch.branch, branch.dirtyFiles], [second, 'next', 0]);
    const revision = await snapshot(`git+file://${folder}?rev=${first}`);
    assert.deepEqual([revision.rev, revision.dirtyFiles], [first, 0]);
  });

  test('a detached head has a revision and no branch', async () => {
    const folder = repository('detached', { 'flake.nix': flake() });
    git(folder, 'checkout', '--quiet', '--detach');
    const found = await snapshot(folder);
    assert.deepEqual([found.rev, found.branch], [git(folder, 'rev-parse', 'HEAD'), undefined]);
  });
});

describe('a dirty tree', { skip: withoutNix }, () => {
  test('counts tracked, staged and renamed files once, and never untracked ones', async () => {
    const folder = repository('dirty', {
      'flake.nix': flake(),
      'a.txt': 'a\n',
      'b.txt': 'b\n',
      'old name.txt': 'c\nd\ne\n',
    });
    appendFileSync(join(folder, 'a.txt'), 'more');
    writeFileSync(join(folder, 'new.txt'), 'staged');
    git(folder, 'add', 'new.txt');
    git(folder, 'mv', 'old name.txt', 'new name.txt');
    writeFileSync(join(folder, 'untracked.txt'), 'not seen');

    const found = await snapshot(folder);
    assert.deepEqual([found.rev, found.branch, found.dirtyFiles], [undefined, 'main', 3]);
    assert.equal(found.base, git(folder, 'rev-parse', 'HEAD'));
    assert.ok(statSync(join(found.storePath, 'new.txt')).isFile());
    assert.equal(statSync(join(found.storePath, 'untracked.txt'), { throwIfNoEntry: false }), undefined);
  });

  test('untracked files alone leave a tree clean', async () => {
    const folder = repository('untracked', { 'flake.nix': flake() });
    writeFileSync(join(folder, 'untracked.txt'), 'x');
    const found = await snapshot(folder);
    assert.deepEqual([found.rev, found.dirtyFiles], [git(folder, 'rev-parse', 'HEAD'), 0]);
  });

  test('nothing is written into the tree, not even a refreshed index', async () => {
    const folder = repository('untouched', { 'flake.nix': flake(), 'a.txt': 'a' });
    appendFileSync(join(folder, 'a.txt'), 'more');
    // A file whose time alone has changed is what makes git refresh its index.
    utimesSync(join(folder, 'flake.nix'), 1, 1);
    const before = inventory(folder);
    await snapshot(folder);
    assert.deepEqual(inventory(folder), before);
  });
});

describe('the lock file', { skip: withoutNix }, () => {
  const inputs = (text: string): string => flake({ inputs: `inputs = { ${text} };` });

  test('a flake whose lock names every input passes, and one without inputs needs no lock', async () => {
    const dep = tree('dep', { 'flake.nix': '{ outputs = _: { }; }' });
    const folder = tree('locked', { 'flake.nix': inputs(`dep.url = "path:${dep}";`) });
    nix('flake', 'lock', `path:${folder}`);
    assert.equal((await snapshot(`path:${folder}`)).narHash, narHash(folder));
  });

  test('nested inputs and inputs that follow others are known from the lock', async () => {
    const dep = tree('nested/dep', { 'flake.nix': '{ outputs = _: { }; }' });
    const middle = tree('nested/middle', { 'flake.nix': `{ inputs.dep.url = "path:${dep}"; outputs = _: { }; }` });
    const text = `middle.url = "path:${middle}"; other.url = "path:${middle}"; other.inputs.dep.follows = "middle/dep";`;
    const folder = tree('nested/top', { 'flake.nix': inputs(text) });
    nix('flake', 'lock', `path:${folder}`);
    assert.equal((await snapshot(`path:${folder}`)).narHash, narHash(folder));
  });

  test('a missing lock is told with the inputs that it would pin, and is not written', async () => {
    const dep = tree('dep2', { 'flake.nix': '{ outputs = _: { }; }' });
    const folder = repository('unlocked', {
      'flake.nix': inputs(`dep.url = "path:${dep}"; more.url = "path:${dep}";`),
    });
    const before = inventory(folder);
    assert.deepEqual(await problemFrom(snapshot(folder)), {
      code: 'no-lock',
      reference: folder,
      inputs: ['dep', 'more'],
    });
    assert.deepEqual(inventory(folder), before);
  });

  test('an input that came later than the lock is told by its name alone', async () => {
    const dep = tree('dep3', { 'flake.nix': '{ outputs = _: { }; }' });
    const folder = tree('incomplete', { 'flake.nix': inputs(`dep.url = "path:${dep}";`) });
    nix('flake', 'lock', `path:${folder}`);
    writeFileSync(join(folder, 'flake.nix'), inputs(`dep.url = "path:${dep}"; late.url = "path:${dep}";`));
    const reference = `path:${folder}`;
    assert.deepEqual(await problemFrom(snapshot(reference)), { code: 'no-lock', reference, inputs: ['late'] });
  });

  test('an input whose address is no longer that of the lock is not locked', async () => {
    const old = tree('dep4', { 'flake.nix': '{ outputs = _: { }; }' });
    const next = tree('dep5', { 'flake.nix': '{ outputs = _: { x = 1; }; }' });
    const folder = tree('moved', { 'flake.nix': inputs(`dep.url = "path:${old}";`) });
    nix('flake', 'lock', `path:${folder}`);
    writeFileSync(join(folder, 'flake.nix'), inputs(`dep.url = "path:${next}";`));
    const reference = `path:${folder}`;
    assert.deepEqual(await problemFrom(snapshot(reference)), { code: 'no-lock', reference, inputs: ['dep'] });
  });

  test('a lock file that git does not track is no lock', async () => {
    const dep = tree('dep6', { 'flake.nix': '{ outputs = _: { }; }' });
    const folder = repository('hidden-lock', { 'flake.nix': inputs(`dep.url = "path:${dep}";`) });
    const lock = tree('hidden-lock-copy', { 'flake.nix': inputs(`dep.url = "path:${dep}";`) });
    nix('flake', 'lock', `path:${lock}`);
    writeFileSync(
      join(folder, 'flake.lock'),
      nix('eval', '--raw', '--impure', '--expr', `builtins.readFile ${lock}/flake.lock`),
    );
    assert.deepEqual(await problemFrom(snapshot(folder)), { code: 'no-lock', reference: folder, inputs: ['dep'] });
  });

  test('inputs from the network that are not locked are told without asking the network', async () => {
    const folder = repository('network', {
      'flake.nix': '{ inputs.far.url = "github:flurry-test/none"; outputs = { self, far, nixpkgs }: { }; }',
      'modules/web.nix': '{ }',
    });
    const started = performance.now();
    for (const reference of [folder, `git+file://${folder}`, join(folder, 'modules')]) {
      const problem = await problemFrom(snapshot(reference));
      assert.deepEqual(problem, { code: 'no-lock', reference, inputs: ['far', 'nixpkgs'] });
    }
    // A single reference with its repeated tries takes over 4 s.
    assert.ok(performance.now() - started < 4000, 'no try was repeated');
  });
});

describe('a flake that cannot be had', { skip: withoutNix }, () => {
  test('folders that are missing or have no flake.nix are told as no flake, with what Nix said', async () => {
    const empty = tree('empty', { 'readme.txt': '' });
    mkdirSync(join(root, 'unborn'));
    for (const reference of [
      empty,
      `path:${empty}`,
      join(root, 'none'),
      `path:${root}/none`,
      `git+file://${root}/none`,
    ]) {
      const problem = await problemFrom(snapshot(reference));
      assert.equal(problem.code, 'no-flake', reference);
      assert.ok(problem.code === 'no-flake' && problem.said.includes('error: '), reference);
    }
  });

  test('a flake.nix that git does not track is no flake yet', async () => {
    const folder = repository('not-added', { 'readme.txt': '' });
    writeFileSync(join(folder, 'flake.nix'), flake());
    assert.equal((await problemFrom(snapshot(folder))).code, 'no-flake');
  });

  test('a syntax error is told in the words of Nix', async () => {
    const problem = await problemFrom(snapshot(`path:${tree('broken', { 'flake.nix': '{ outputs = ; }' })}`));
    assert.equal(problem.code, 'flake-failed');
    assert.ok(problem.code === 'flake-failed' && /syntax error, unexpected/.test(problem.said));
  });

  test('a flake that cannot be fetched is told as failed', async () => {
    const options = { nixArguments: ['--option', 'download-attempts', '1'], signal: soon() };
    const problem = await problemFrom(
      takeSnapshot({ reference: 'github:flurry-test/none?host=127.0.0.1:1', ...options }),
    );
    assert.equal(problem.code, 'flake-failed');
  });
});

describe('a hostile reference', { skip: withoutNix }, () => {
  for (const reference of ['', '-x', '--help', '--option', 'a\nb', 'a\u001b[31m', 'x\u0000', '.#web1']) {
    test(`${JSON.stringify(reference)} is refused before Nix sees it`, async () => {
      const problem = await problemFrom(snapshot(reference));
      assert.equal(problem.code, 'bad-argument');
      assert.ok(problem.code === 'bad-argument' && problem.argument === '--flake' && problem.found === reference);
    });
  }

  test('shell syntax in a reference reaches Nix as it is, and no shell', async () => {
    const name = `$(touch ${root}/pwned)`;
    for (const reference of [name, `./${name}`, `path:${name}`, `"; touch ${root}/pwned; "`, 'a b', '~/x', '*']) {
      const problem = await problemFrom(snapshot(reference));
      assert.match(problem.code, /^(no-flake|flake-failed)$/, reference);
    }
    assert.equal(statSync(join(root, 'pwned'), { throwIfNoEntry: false }), undefined);
  });
});

test('without nix in PATH the problem says where it was looked for', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    assert.deepEqual(await problemFrom(snapshot('/nowhere')), { code: 'no-nix', looked: '/nowhere' });
  } finally {
    process.env['PATH'] = path;
  }
});

test('a signal that has fired ends it with its reason', { skip: withoutNix }, async () => {
  const reason = new Error('enough');
  const request = { reference: root, nixArguments: [], signal: AbortSignal.abort(reason) };
  await assert.rejects(takeSnapshot(request), reason);
});
