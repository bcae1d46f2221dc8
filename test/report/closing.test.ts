import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { degraded, hadRolledBack, healthy, promoted, run, silent } from './runs.ts';
import { record } from './stage.ts';

async function lastWords(options: Parameters<typeof run>[0]): Promise<string> {
  const { stdout } = await record(run(options));
  return stdout.slice(stdout.lastIndexOf('\n\n') + 2);
}

const ends = [
  ['an abort that put its host back', 'abort', { web1: hadRolledBack() }, 'web1 was put back as asked, in 0.5 s\n'],
  [
    'an abort of which one host was not reached',
    'abort',
    { web1: hadRolledBack(), web2: silent(0, 'unreachable') },
    '1 of 2 hosts stopped as asked in 15 s; for the other again:\nflurry web2\n',
  ],
  ['a confirm that came too late', 'confirm', { web1: hadRolledBack() }, 'web1 ROLLED BACK in 0.5 s\n'],
  ['a refused host', 'deploy', { web1: degraded() }, 'web1 refused in 1 s; again:\nflurry web1\n'],
  ['an unhealthy host', 'check', { web1: degraded(0, 'unhealthy') }, 'web1 unhealthy in 1 s; again:\nflurry web1\n'],
  ['a healthy host', 'check', { web1: healthy() }, '1 host healthy in 1 s\n'],
  [
    'several hosts',
    'deploy',
    { web1: promoted(), web2: degraded() },
    '1 of 2 hosts made it in 40 s; for the other again:\nflurry web2\n',
  ],
] as const;

for (const [what, verb, hosts, words] of ends) {
  test(`the last words of ${what}: ${words.split('\n')[0]}`, async () => {
    assert.equal(await lastWords({ verb, hosts }), words);
  });
}

test('one host that did not make it has no table, whose only row its paragraph would say again', async () => {
  const { stdout } = await record(run({ hosts: { web1: silent() } }));
  assert.match(
    stdout,
    /^✗ web1 failed in connect after 15 s; it was not changed\n {2}no answer from web1 port 22 within 15 s \(3 tries\)\n/,
  );
});
