import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sshConnect } from '../../src/ssh/connect.ts';
import { sshResolver } from '../../src/ssh/settings/resolve.ts';
import { scriptedPerson } from './scripted-person.ts';

test('however many hosts there are, 16 ssh programs at once tell their settings', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flurry-programs-'));
  try {
    await mkdir(join(folder, 'running'));
    // Says how many of them there are, this one included, and stays long enough to be met by all that may.
    const stub = [
      '#!/bin/sh',
      `cd '${folder}' && : >"running/$$" && ls running | wc -l >>seen && sleep 0.3 && ls running | wc -l >>seen`,
      'rm "running/$$" && printf "hostname %s\\nuser root\\nport 22\\n" here',
      '',
    ].join('\n');
    await writeFile(join(folder, 'ssh'), stub);
    await chmod(join(folder, 'ssh'), 0o755);
    const environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const resolve = sshResolver({ environment });
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const names = Array.from({ length: 40 }, (_, index) => `host-${index}`);
    await Promise.all(names.map((name) => resolve({ name, address: name }, { timeoutMs: 60_000, signal })));
    const seen = (await readFile(join(folder, 'seen'), 'utf8')).trim().split('\n').map(Number);
    assert.equal(seen.length, 80);
    assert.ok(Math.max(...seen) <= 16, `${Math.max(...seen)} at once`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('settings of many hosts are asked for before the run without a warning of a leak', async () => {
  const warnings: string[] = [];
  const heard = ({ message }: Error) => warnings.push(message);
  process.on('warning', heard);
  try {
    const person = scriptedPerson([]);
    const connect = sshConnect({ person, environment: { PATH: '/nonexistent' } });
    const hosts = Array.from({ length: 40 }, (_, index) => ({ name: `host-${index}`, address: `host-${index}` }));
    await connect.prepare(hosts, new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, []);
  } finally {
    process.off('warning', heard);
  }
});
