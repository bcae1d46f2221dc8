import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  fingerprint,
  judgeHostKey,
  KnownHosts,
  knownHostsName,
  parseKnownHosts,
} from '../../src/ssh/host-keys/known-hosts.ts';
import { appendKnownHost, KnownHostsFiles } from '../../src/ssh/host-keys/known-hosts-files.ts';

// Made by ssh-keygen of OpenSSH 9.2; `hashed` by ssh-keygen -H.
const captured = (name: string) => fileURLToPath(new URL(`captured/${name}`, import.meta.url));
const keys = new Map(
  (await readFile(captured('keys'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, encoded, name]) => [name ?? '', Buffer.from(encoded ?? '', 'base64')] as const),
);
const key = (name: string): Buffer => keys.get(name) ?? assert.fail(`no key ${name}`);

type Case = readonly [claim: string, file: string, name: string, key: string, found: string];
const cases: readonly Case[] = [
  ['a plain name with its key is known', 'plain', 'web1', 'a', 'known'],
  ['a plain name with another key is changed', 'plain', 'web1', 'b', 'changed plain:3'],
  ['a name of a comma list is known', 'plain', '192.0.2.2', 'b', 'known'],
  ['a name that no line has is unknown', 'plain', 'web9', 'a', 'unknown'],
  ['a line that ends in CR LF is read', 'plain', 'crlf', 'a', 'known'],
  ['a pattern matches', 'plain', 'a.example.org', 'c', 'known'],
  ['a negated pattern takes its line out', 'plain', 'db.example.org', 'c', 'unknown'],
  ['a name with a port has a line of its own', 'plain', '[web1]:2222', 'b', 'known'],
  ['the key of another port is a changed key', 'plain', '[web1]:2222', 'a', 'changed plain:7'],
  ['brackets in patterns stand for themselves', 'plain', '[x.lab]:2299', 'c', 'known'],
  ['question marks stand for one character each', 'plain', '[x.lab]:229', 'c', 'unknown'],
  ['an RSA key is known', 'plain', 'rsaonly', 'r', 'known'],
  ['a key of a type that is not known is changed', 'plain', 'rsaonly', 'a', 'changed plain:9'],
  ['a revoked key is refused for every name', 'plain', 'web1', 'e', 'revoked plain:12'],
  ['a revoked key is refused although it is known', 'plain', 'both', 'e', 'revoked plain:12'],
  ['the other key of that host is still known', 'plain', 'both', 'r', 'known'],
  ['an authority alone is told as such', 'plain', 'x.ca.example', 'a', 'cert-authority plain:13'],
  ['the key of an authority is no host key', 'plain', 'x.ca.example', 'c', 'cert-authority plain:13'],
  ['a plain key beside an authority is known', 'plain', 'mixed', 'a', 'known'],
  ['a line with an unknown marker is skipped', 'plain', 'marked', 'a', 'unknown'],
  ['a line without a key is skipped', 'plain', 'short', 'a', 'unknown'],
  ['tabs and leading blanks are read', 'plain', 'indented', 'a', 'known'],
  ['names in capitals match', 'plain', 'upper', 'a', 'known'],
  ['an SSH-1 key is skipped', 'plain', 'old', 'a', 'unknown'],
  ['an IPv6 address is known', 'plain', '2001:db8::7', 'a', 'known'],
  ['a last line without its end is read', 'plain', 'noeol', 'b', 'known'],
  ['a hashed name is known', 'hashed', 'web1.example.org', 'a', 'known'],
  ['a hashed name with another key is changed', 'hashed', '192.0.2.7', 'b', 'changed hashed:2'],
  ['a hashed name with a port is known', 'hashed', '[web1.example.org]:2222', 'b', 'known'],
  ['a hashed IPv6 address is known', 'hashed', '2001:db8::1', 'c', 'known'],
  ['a name that is not hashed there is unknown', 'hashed', 'web2.example.org', 'a', 'unknown'],
];

for (const [claim, file, name, shown, expected] of cases) {
  test(`known_hosts: ${claim}`, async () => {
    const lines = parseKnownHosts(file, await readFile(captured(file), 'utf8'));
    const finding = judgeHostKey(new KnownHosts(lines).linesFor(name), key(shown));
    const found = 'line' in finding ? `${finding.kind} ${finding.file}:${finding.line}` : finding.kind;
    assert.equal(found, expected);
  });
}

// ssh-keygen -F looks at names only: it also prints these lines, whose keys neither ssh nor we can read.
const brokenKeys = ['wrongtype', 'nobase64'];

test('known_hosts: lines whose key is broken or of another type than told are skipped', async () => {
  const lines = parseKnownHosts('plain', await readFile(captured('plain'), 'utf8'));
  const found = brokenKeys.map((name) => new KnownHosts(lines).linesFor(name).map(({ line }) => line));
  assert.deepEqual(found, [[12], [12]]);
});

const hasKeygen = spawnSync('ssh-keygen', ['-F', 'x', '-f', '/dev/null']).error === undefined;

test('known_hosts: ssh-keygen -F finds the same lines for every name', { skip: !hasKeygen }, async () => {
  const names = [...new Set(cases.map(([, file, name]) => `${file} ${name}`))];
  assert.equal(names.length, 25);
  for (const fileAndName of names) {
    const [file = '', name = ''] = fileAndName.split(' ');
    const lines = parseKnownHosts(file, await readFile(captured(file), 'utf8'));
    const ours = new KnownHosts(lines).linesFor(name).map(({ line, marker }) => `${line} ${marker}`);
    assert.deepEqual(ours, linesOfKeygen(captured(file), name), fileAndName);
  }
});

test('known_hosts: a line of stars is judged at once', () => {
  const [line] = parseKnownHosts('f', `${'*a'.repeat(40)}*b ssh-ed25519 ${key('a').toString('base64')}`);
  assert.deepEqual(line === undefined ? undefined : new KnownHosts([line]).linesFor('a'.repeat(200)), []);
});

test('known_hosts: port and alias decide under which name a host is looked up', () => {
  assert.equal(knownHostsName({ hostname: 'Web1', port: 22 }), 'web1');
  assert.equal(knownHostsName({ hostname: 'web1', port: 2222 }), '[web1]:2222');
  assert.equal(knownHostsName({ hostname: '2001:db8::1', port: 2222 }), '[2001:db8::1]:2222');
  assert.equal(knownHostsName({ hostname: 'web1', port: 2222, hostKeyAlias: 'Fleet-Web1' }), 'fleet-web1');
});

test('known_hosts: a fingerprint is what ssh-keygen -l prints', () => {
  assert.equal(fingerprint(key('a')), 'SHA256:9+V7h1PQyltPRzlJB5yZexZtLMNJSvi/0/BJklskwFo');
  assert.equal(fingerprint(key('r')), 'SHA256:95ZaPhfYB4Llwq/2DyekyOAwUlkIKGNfHHAOfS7M6rU');
});

test('known_hosts: a missing file is empty, a file that is no file is not', async (t) => {
  const directory = await folder(t);
  const files = new KnownHostsFiles();
  const found = await files.read([join(directory, 'none'), join(directory, 'none', 'below')]);
  assert.deepEqual(found.linesFor('none'), []);
  await assert.rejects(files.read([directory]), {
    problem: {
      code: 'host-key-unchecked',
      name: directory,
      said: 'EISDIR: illegal operation on a directory, read',
    },
  });
});

test('known_hosts: an appended line is found by us and by ssh-keygen, plain and hashed', async (t) => {
  const directory = await folder(t);
  const path = join(directory, 'new', 'known_hosts');
  await appendKnownHost(path, { name: '[web1]:2222', key: key('a'), names: 'plain' });
  await appendKnownHost(path, { name: 'web2', key: key('b'), names: 'hashed' });
  const text = await readFile(path, 'utf8');
  assert.equal(text.split('\n')[0], `[web1]:2222 ssh-ed25519 ${key('a').toString('base64')}`);
  assert.equal(text.includes('web2'), false);
  const files = new KnownHostsFiles();
  assert.deepEqual(judgeHostKey((await files.read([path])).linesFor('[web1]:2222'), key('a')), { kind: 'known' });
  assert.deepEqual(judgeHostKey((await files.read([path])).linesFor('web2'), key('b')), { kind: 'known' });
  if (hasKeygen) assert.deepEqual(linesOfKeygen(path, 'web2'), ['2 none']);
});

test('known_hosts: a line is not appended to half a line, and a changed file is read again', async (t) => {
  const path = join(await folder(t), 'known_hosts');
  await writeFile(path, 'half');
  const files = new KnownHostsFiles();
  assert.deepEqual((await files.read([path])).linesFor('web1'), []);
  await appendKnownHost(path, { name: 'web1', key: key('a'), names: 'plain' });
  assert.equal(await readFile(path, 'utf8'), `half\nweb1 ssh-ed25519 ${key('a').toString('base64')}\n`);
  assert.equal((await files.read([path])).linesFor('web1').length, 1);
});

test('known_hosts: files that have not changed are the same for every host that asks, with what was found in them', async (t) => {
  const path = join(await folder(t), 'known_hosts');
  await writeFile(path, `web1 ssh-ed25519 ${key('a').toString('base64')}\n`);
  const files = new KnownHostsFiles();
  const paths = [path, '/nonexistent/known_hosts'];
  const first = await files.read(paths);
  assert.equal(await files.read(paths), first);
  assert.equal(first.linesFor('web1'), first.linesFor('web1'));
  assert.equal(first.linesFor('web1').length, 1);
});

/** `# Host web1 found: line 12 REVOKED` and the like, as `12 revoked`. */
function linesOfKeygen(file: string, name: string): readonly string[] {
  const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
  const words = new Map([
    ['REVOKED', 'revoked'],
    ['CA', 'cert-authority'],
  ]);
  return [...stdout.matchAll(/^# Host .* found: line (\d+) ?(\S*)/gm)].map(
    ([, line, marker]) => `${line} ${words.get(marker ?? '') ?? 'none'}`,
  );
}

async function folder(t: { after(undo: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'flurry-known-hosts-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}
