import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { EventBody } from '../../src/core/event.ts';
import { run, type Story } from './runs.ts';
import { record, setUp } from './stage.ts';
import { openFile, openVirtualTerminal } from './virtual-terminal.ts';

type Checked = Extract<EventBody, { readonly event: 'check' }>;

const asks = { site: 'http https://web1/health from the host', db: 'tcp db1:5432 from the host' } as const;

/** A host that verifies, with these words of its checks, each so many milliseconds after that began. */
function verifies(
  words: readonly (readonly [ms: number, check: 'site' | 'db', state: Checked['state'], seen: string])[],
): Story {
  const checked = (
    host: string,
    tries: number,
    [milliseconds, check, state, seen]: (typeof words)[number],
  ): Checked => ({
    ...{ event: 'check', host, phase: 'verify', check, kind: check === 'site' ? 'http' : 'tcp', asks: asks[check] },
    ...{ state, seen, tries, milliseconds },
  });
  return (host) => [
    { at: 0, body: { event: 'phase-started', host, phase: 'verify' } },
    ...words.map((word, tries) => ({ at: word[0], body: checked(host, tries, word) })),
  ];
}

const late = verifies([
  [0, 'db', 'started', ''],
  [0, 'site', 'started', ''],
  [300, 'db', 'passed', 'connected'],
  [400, 'site', 'trying', 'http 503'],
  [2400, 'site', 'trying', 'http 503'],
  [4400, 'site', 'trying', 'Failed to connect\u001b[2J'],
  [14_500, 'site', 'trying', 'Failed to connect\u001b[2J'],
  [16_000, 'site', 'failed', 'http 503'],
]);

test('plain lines tell how each check ends, and what one that goes on sees: anew where that changes, and every ten seconds', async () => {
  const { stderr } = await record(run({ hosts: { web1: late } }), {});
  assert.deepEqual(
    stderr.split('\n').filter((line) => line.includes('check ')),
    [
      'web1 | ✓ check db passed after 0.3 s: connected',
      'web1 | · waits for check site, for 0.4 s: http 503',
      'web1 | · waits for check site, for 4.4 s: Failed to connect',
      'web1 | · waits for check site, for 15 s: Failed to connect',
      'web1 | ✗ check site failed after 16 s and 7 tries: http 503',
    ],
  );
});

test('of checks -q tells what failed, -v what each asks', async () => {
  const linesOf = async (verbosity: 'quiet' | 'verbose') => {
    const { stderr } = await record(run({ hosts: { web1: late } }), { verbosity });
    return stderr.split('\n').filter((line) => line.includes('check '));
  };
  assert.deepEqual(await linesOf('quiet'), ['web1 | ✗ check site failed after 16 s and 7 tries: http 503']);
  assert.ok((await linesOf('verbose')).includes('web1 | · check db: tcp db1:5432 from the host'));
});

test('the row of a host says for which check it waits, what that last saw, and for how long', () => {
  const terminal = openVirtualTerminal(100, 10);
  const stage = setUp(run({ hosts: { web1: late } }), { stdout: openFile(), stderr: terminal });
  const rowAt = (ms: number): string => {
    stage.playUntil(ms);
    return (
      terminal
        .screen()
        .split('\n')
        .find((line) => line.includes('web1')) ?? ''
    );
  };
  assert.match(rowAt(200), /verifying +0:00 {2}waits for check db and 1 more for 0 s$/);
  assert.match(rowAt(3000), /verifying +0:03 {2}waits for check site: http 503 for 3 s$/);
  assert.match(rowAt(12_000), /verifying +0:12 {2}waits for check site: Failed to connect for 12 s$/);
});
