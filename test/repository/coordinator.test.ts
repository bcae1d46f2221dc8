import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePrivateDirectory } from '../../src/nix/private-directory.ts';
import { controlDirectory, controlSocket } from '../../src/ssh/openssh/openssh-directory.ts';
import { repositoryFiles, textOf } from './files.ts';

// A coordinator may be a Mac: what stands here holds for all of src but what is sent to hosts.
const sources = repositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path));

test('the coordinator starts its own shell, ssh, Nix and git, the shell of a ProxyCommand, ping for checks by it, and nothing else', () => {
  const starts =
    /(?<![.\w])(?:spawn|spawnSync|exec|execSync|execFile|execFileSync|execa|execaCommand|execaSync|fork)\(\s*([^,)]+)/g;
  const started = sources.flatMap((path) => {
    const text = textOf(path);
    if (!/(?:from |import\()'(?:execa|node:child_process)'/.test(text)) return [];
    return [...text.matchAll(starts)].map(([, program]) => `${path}: ${program}`);
  });
  assert.deepEqual(started.sort(), [
    "src/cli/sudo-password.ts: '/bin/sh'",
    'src/deploy/tries-here.ts: program',
    'src/nix/run-program.ts: program.name',
    'src/ssh/builtin/proxy-command.ts: shell',
    "src/ssh/local-transport.ts: '/bin/sh'",
    "src/ssh/openssh/openssh-master.ts: '/bin/sh'",
    "src/ssh/openssh/openssh.ts: 'ssh'",
    "src/ssh/settings/asking-shell.ts: '/bin/sh'",
  ]);
  assert.match(textOf('src/deploy/tries-here.ts'), /program: 'ping' \| 'ping6',/);
  assert.match(textOf('src/nix/run-program.ts'), /readonly name: 'nix' \| 'nix-store' \| 'git';/);
});

test('the coordinator asks for no platform, and knows nothing that only Linux or GNU has', () => {
  const foreign =
    /\/proc\/|\/sys\/|\bsetsid\b|\bstdbuf\b|readlink -f|stat -c|process\.platform|os\.platform|'linux'|'darwin'/;
  const found = sources.flatMap((path) =>
    textOf(path)
      .split('\n')
      .filter((line) => foreign.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  // It is the name of a terminal.
  assert.deepEqual(found, ["src/report/capability.ts: if (environment['TERM'] === 'linux') return false;"]);
});

test('sockets have paths that macOS takes, below its own temporary folder and a longer one', async (context) => {
  const before = process.env['TMPDIR'];
  context.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  // Of 49 characters, as /var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T, and of 95.
  for (const [length, isUsed] of [
    [49, true],
    [95, false],
  ] as const) {
    const folder = await mkdtemp('/tmp/'.padEnd(length - 6, 'x'));
    assert.equal(folder.length, length);
    process.env['TMPDIR'] = folder;
    const [copies, master] = [await makePrivateDirectory(), await controlDirectory()];
    for (const made of [copies, master]) assert.equal(made.startsWith(folder), isUsed, made);
    // 104 bytes with the NUL at the end; ssh binds to a name that is 17 longer, and renames it.
    for (const socket of [
      join(copies, 'daemon.sock'),
      join(master, 'ask'),
      `${controlSocket(master)}.1234567890123456`,
    ]) {
      assert.ok(socket.length <= 103, `${socket.length}: ${socket}`);
    }
    for (const made of [copies, master, folder]) await rm(made, { recursive: true });
  }
});
