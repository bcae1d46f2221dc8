import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { OwnCourse } from '../../src/core/event.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { type LastSaid, ownCourse, type Terms } from '../../src/deploy/own-course.ts';
import { matchesFixture } from './fixture.ts';
import { promoted, run, type Story, startOfRun, story, type Timed } from './runs.ts';
import { film, record, setUp } from './stage.ts';
import { openVirtualTerminal } from './virtual-terminal.ts';

process.env['TZ'] = 'UTC';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const terms: Terms = {
  goal: 'promote',
  limits: defaultLimits,
  policies: { confirm: 'auto', ifRollbackFails: 'hold', together: 'each-alone' },
};

/** A host that is out of reach from the 20th second on, for 30 s. */
function out(contact: 'lost' | 'unproven', reason: string, said: LastSaid, theirs: Terms | null = terms): Story {
  return (host) => {
    const { withinMs, ...course } = ownCourse(said, theirs ?? undefined);
    const by = withinMs === undefined ? null : new Date(startOfRun + 20_000 + withinMs).toISOString();
    const told: readonly Timed[] = [
      { at: 20_000, body: { event: 'out-of-reach', host, phase: 'verify', contact, reason, ...course, by } },
      { at: 50_000, body: { event: 'reached-again', host, phase: 'verify', contact, milliseconds: 30_000 } },
    ];
    const around = story(0, [
      { phase: 'verify', ms: 60_000, outcome: 'failed' },
      {
        verdict: 'rolled-back',
        phase: 'verify',
        runs: 'old',
        problem: { code: 'not-confirmed', decidedBy: 'deadline' },
      },
    ])(host);
    return [...around, ...told].toSorted((a, b) => a.at - b.at);
  };
}

const policies = { ...terms.policies, ifRollbackFails: 'reboot' } as const;
const every: Readonly<Record<string, Story>> = {
  build: out('lost', 'last seen building', { state: 'building' }),
  test: out('lost', 'last seen testing the new system', { state: 'testing', secondsLeft: 600 }),
  wait: out('lost', 'last seen waiting to be confirmed', { state: 'waiting', secondsLeft: 48 }),
  sshd: out('unproven', '192.0.2.11 refused the connection to port 22: no SSH server listens there', {
    state: 'waiting',
    secondsLeft: 59,
  }),
  gate: out('lost', 'last seen before its test', { state: 'gating', secondsLeft: 200 }),
  gated: out('lost', 'last seen waiting at its gate for the other hosts', { state: 'gated', secondsLeft: 50 }),
  promote: out('lost', 'last seen making the new system its boot default', { state: 'promoting', secondsLeft: 400 }),
  back: out('lost', 'last seen putting itself back', { state: 'rolling-back' }),
  hold: out('lost', 'last seen unable to put itself back', { state: 'holding', secondsLeft: 170 }),
  reboot: out('lost', 'last seen unable to put itself back', { state: 'holding' }, { ...terms, policies }),
  boot: out('lost', 'last seen before its test', { state: 'armed' }, { ...terms, goal: 'boot' }),
  trial: out(
    'lost',
    'last seen making the new system its boot default',
    { state: 'promoting' },
    { ...terms, trial: 'yes' },
  ),
  preview: out('lost', 'last seen looking at what would be done', { state: 'previewing' }),
  end: out('lost', 'last seen at its end', { state: 'ended' }),
  theirs: out('lost', 'last seen waiting to be confirmed', { state: 'waiting', secondsLeft: 48 }, null),
};

test('a fleet that is cut off all at once reads the explanation once, and of each host by when', async () => {
  const lost = out('lost', 'last seen testing the new system', { state: 'testing', secondsLeft: 600 });
  const { stderr } = await record(run({ hosts: { web1: lost, web2: lost, web3: lost } }), { verbosity: 'quiet' });
  assert.equal(
    stderr.split('\n').slice(1, 9).join('\n'),
    `web1 | ! no contact (10:00:20): last seen testing the new system
web1 |   unless it is confirmed in time, it puts back what it ran before, 1 min after its test and
web1 |   checks
web1 |   it does so by itself, by 10:12:45 at the latest (in 12 min 25 s)
web1 |   it still boots what it booted before
web1 |   no need to do anything: flurry keeps trying, the host goes on alone
web2 | ! no contact (10:00:20): last seen testing the new system; puts itself back by 10:12:45
web3 | ! no contact (10:00:20): last seen testing the new system; puts itself back by 10:12:45`,
  );
});

test('whatever a host does by itself, the person is told it once, and by when, as fixtures/out-of-reach-lines.txt shows', async () => {
  const { stderr } = await record(run({ hosts: every }), { verbosity: 'quiet' });
  const courses = {
    builds: 1,
    stays: 1,
    'goes-back': 1,
    'is-going-back': 1,
    promotes: 1,
    stages: 1,
    'stages-once': 1,
    previews: 1,
    holds: 1,
    reboots: 1,
    'has-ended': 1,
  } satisfies Readonly<Record<OwnCourse, 1>>;
  const said = run({ hosts: every }).flatMap(({ body }) => (body.event === 'out-of-reach' ? [body.course] : []));
  assert.deepEqual(
    Object.keys(courses).filter((course) => !said.some((one) => one === course)),
    [],
  );
  matchesFixture(stderr, fixture('out-of-reach-lines'));
});

const three = run({
  hosts: {
    web1: out('lost', 'last seen testing the new system', { state: 'testing', secondsLeft: 600 }),
    web2: promoted(),
    web3: out('unproven', '192.0.2.11 refused the connection to port 22: no SSH server listens there', {
      state: 'waiting',
      secondsLeft: 25,
    }),
  },
});

for (const [columns, rows] of [
  [80, 24],
  [40, 40],
] as const) {
  const name = `tree-out-of-reach-${columns}x${rows}`;
  test(`on a terminal a host that is out of reach counts down, first of all: fixtures/${name}.txt`, async () => {
    const { text } = await film(three, { columns, rows, seconds: [21, 46, 51] });
    matchesFixture(text, fixture(name));
  });
}

test('every row of a host that is out of reach fits, as fixtures/out-of-reach-rows.txt shows', () => {
  const terminal = openVirtualTerminal(80, 40);
  const stage = setUp(run({ hosts: every }), { stdout: terminal, stderr: terminal });
  stage.playUntil(21_000);
  const early = rowsOf(terminal.screen());
  stage.playUntil(49_000);
  matchesFixture(`${early}\n`, fixture('out-of-reach-rows'));
  // No row of the live area: what is printed above it is wrapped by us.
  assert.equal(terminal.wraps(), 0);
});

test('a host whose time has passed unheard of is told to have been due', () => {
  const terminal = openVirtualTerminal(80, 24);
  const stage = setUp(three, { stdout: terminal, stderr: terminal });
  stage.playUntil(49_000);
  assert.match(terminal.screen(), /^! web3 {2}unconfirmed {2}0:29 {2}was due to put itself back by 10:00:45$/m);
});

const rowsOf = (screen: string): string =>
  screen
    .split('\n')
    .filter((line) => /^[!▸✗] /.test(line))
    .join('\n');
