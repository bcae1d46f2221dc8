import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { promoted, run, type Timed } from './runs.ts';
import { record } from './stage.ts';

const [started, ...rest] = run({ hosts: { web1: promoted() } });
assert.ok(started);
const events: readonly Timed[] = [
  started,
  { at: 1, body: { event: 'detail', host: 'web1', line: 'reached as root\u001b[2J' } },
  { at: 2, body: { event: 'detail', host: null, line: 'runs nix eval' } },
  ...rest,
];

test('how things are done is told with -vv, and with nothing less', async () => {
  for (const environment of [{}, { GITHUB_ACTIONS: 'true', NO_COLOR: '1' }]) {
    const { stderr } = await record(events, { verbosity: 'debug', environment });
    assert.match(stderr, /^(?:web1 \| | {3}0:00 {2})· reached as root$/m);
    assert.match(stderr, /^flurry \| · runs nix eval$/m);
    for (const verbosity of ['quiet', 'normal', 'verbose'] as const)
      assert.doesNotMatch((await record(events, { verbosity, environment })).stderr, /reached as|nix eval/);
  }
});

test('the JSON form has it with -vv alone', async () => {
  const { stdout } = await record(events, { output: 'json', verbosity: 'debug' });
  assert.match(stdout, /"event":"detail","host":null,"line":"runs nix eval"\}\n/);
  assert.doesNotMatch((await record(events, { output: 'json', verbosity: 'verbose' })).stdout, /detail/);
});
