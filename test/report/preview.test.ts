import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run, story } from './runs.ts';
import { film, record } from './stage.ts';

const previewed = (lines: readonly string[]) =>
  story(0, [
    { phase: 'preview', ms: 1000, log: lines },
    { verdict: 'previewed', phase: 'preview', runs: 'old' },
  ]);
const units = Array.from({ length: 12 }, (_, index) => `worker-${index + 1}.service`).join(', ');
const says = ['would stop the following units: website.service', `would restart the following units: ${units}`];
const lines = (number: number) => Array.from({ length: number }, (_, index) => `would start unit-${index + 1}.service`);

test('a preview on a terminal ends with what would be done, in the words of the host, wrapped and not cut', async () => {
  const events = run({ goal: 'dry-activate', hosts: { web1: previewed(says) } });
  const { terminal } = await film(events, { columns: 80, rows: 24, seconds: [] });
  assert.match(
    terminal.everything(),
    /\n✓ web1 previewed; it was not changed\n {2}│ would stop the following units: website\.service\n {2}│ would restart the following units: worker-1\.service, .*\n(?: {2}│ {3}worker-.*\n)+ {2}│ {3}.*worker-12\.service\n\n1 host previewed in /,
  );
});

test('hosts of which the same would be done share a paragraph, and of many each preview says how much of it is left out, and where it is', async () => {
  const alike = await record(run({ goal: 'dry-activate', hosts: { web1: previewed(says), web2: previewed(says) } }));
  assert.match(alike.stdout, /\n✓ 2 hosts previewed; they were not changed\n {2}web1, web2\n {2}│ would stop/);
  const many = Array.from({ length: 20 }, (_, index) => [`web${index + 1}`, previewed(lines(10 + index))] as const);
  const apart = await record(run({ goal: 'dry-activate', hosts: Object.fromEntries(many) }));
  assert.match(
    apart.stdout,
    /✓ web20 previewed; it was not changed\n(?: {2}│ would start unit-[1-6]\.service\n){6} {2}… and 23 lines more; all of them:\n {4}flurry attach web20\n/,
  );
});
