import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesFixture } from './fixture.ts';
import { depending, forecastOf, planned, promoted, run, sixtyInWaves } from './runs.ts';
import { film, record } from './stage.ts';

const fixture = (name: string) => new URL(`fixtures/${name}.txt`, import.meta.url);

for (const [name, events, seconds] of [
  ['waves-sixty-80x24', sixtyInWaves(), [20, 100, 360]],
  ['waves-dependencies-80x24', depending(), [20, 41]],
] as const) {
  test(`the screen is that of fixtures/${name}.txt: which wave runs, who waits for what, and until when it is paused`, async () => {
    const { text } = await film(events, { columns: 80, rows: 24, seconds });
    matchesFixture(text, fixture(name));
  });
}

for (const [name, events, options] of [
  ['waves-lines', sixtyInWaves(), { verbosity: 'normal' }],
  ['waves-lines-quiet', depending(), { verbosity: 'quiet' }],
  ['waves-github', depending(), { environment: { CI: 'true', GITHUB_ACTIONS: 'true' } }],
] as const) {
  test(`a log of waves, or of hosts that depend on others, is that of fixtures/${name}.txt`, async () => {
    const { stdout, stderr } = await record(events, options);
    // What each host says is in other fixtures.
    const said = stderr.split('\n').filter((line) => !/^(?:web|db|cache)\d+ +\|/.test(line));
    matchesFixture(`== stderr\n${said.join('\n')}== stdout\n${stdout}`, fixture(name));
  });
}

test('a plan says who would go when, below what would be done', async () => {
  const hosts = { web1: planned(forecastOf()), web2: planned(forecastOf()), db1: planned(forecastOf()) };
  const dependencies = [{ host: 'web1', on: ['db1'], elsewhere: [] }];
  const { stdout } = await record(run({ verb: 'plan', waves: [['db1'], ['web1', 'web2']], dependencies, hosts }));
  const order =
    '\n→ in 2 waves\n  wave 1    db1\n  wave 2    web1, web2\n  order     web1 after db1\n\n3 of 3 hosts would change;';
  assert.ok(stdout.includes(order), stdout);
});

test('of a single wave nothing is said', async () => {
  const { stdout, stderr } = await record(
    run({ waves: [['web1', 'web2']], hosts: { web1: promoted(), web2: promoted() } }),
  );
  assert.doesNotMatch(stdout + stderr, /wave/);
});
