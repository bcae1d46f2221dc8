import type { Event, EventBody, HostResult } from '../../src/core/event.ts';
import { explain } from '../../src/core/explain.ts';
import type { Forecast } from '../../src/core/forecast.ts';
import type { Goal } from '../../src/core/goal.ts';
import type { Phase } from '../../src/core/phase.ts';
import type { RollbackAim } from '../../src/core/plan.ts';
import type { Problem } from '../../src/core/problem.ts';
import type { Dependency } from '../../src/core/rollout.ts';
import { exitCodeOf, isWell, type Verdict } from '../../src/core/verdict.ts';
import { readEvent } from '../core/read-event.ts';

/** Events with their time in milliseconds after the start of the run. */
export interface Timed {
  readonly at: number;
  readonly body: EventBody;
}

export const startOfRun = Date.parse('2026-11-22T10:00:00.000Z');

/** The events of a whole run, in order, from what happened to each of its hosts. */
export function run(options: {
  readonly verb?: 'deploy' | 'plan' | 'check' | 'status' | 'history' | 'attach' | 'rollback' | 'confirm' | 'abort';
  readonly goal?: Goal;
  readonly aim?: RollbackAim;
  /** A deploy reads one in any case. */
  readonly flake?: 'read';
  /** Waves, as they were asked for. */
  readonly waves?: readonly (readonly string[])[];
  readonly dependencies?: readonly Dependency[];
  readonly hosts: Readonly<Record<string, Story>>;
}): readonly Timed[] {
  const { verb = 'deploy', goal = 'promote', aim, hosts, waves, dependencies } = options;
  const stories = Object.entries(hosts).flatMap(([host, story]) => story(host));
  const told = [...waveEvents(stories, verb === 'plan' ? [] : (waves ?? [])), ...stories];
  const sorted = told.toSorted((a, b) => a.at - b.at);
  const results = Object.keys(hosts).flatMap((host) =>
    sorted.flatMap(({ body }) => (body.event === 'verdict' && body.host === host ? [resultOf(body)] : [])),
  );
  const changes = verb === 'deploy' || verb === 'plan' || verb === 'rollback';
  const started: EventBody = {
    event: 'run-started',
    verb,
    goal: changes ? goal : null,
    ...(aim === undefined ? {} : { aim }),
    deployment: changes && verb !== 'plan' ? '20261122T100000-4f2a' : null,
    flake:
      verb !== 'deploy' && verb !== 'plan' && options.flake === undefined
        ? null
        : {
            reference: '.',
            rev: '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b',
            branch: 'main',
            dirtyFiles: 2,
            narHash: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
          },
    hosts: Object.keys(hosts),
    ...(waves !== undefined && { waves }),
    ...(dependencies !== undefined && { dependencies }),
  };
  const end = Math.max(0, ...sorted.map(({ at }) => at));
  return [
    { at: 0, body: started },
    ...sorted,
    {
      at: end + 20,
      body: { event: 'result', exitCode: exitCodeOf(results.map(({ verdict }) => verdict)), hosts: results },
    },
  ];
}

/** What is said of waves: each begins with its first host that does, and a gap before it was a pause. */
function waveEvents(stories: readonly Timed[], waves: readonly (readonly string[])[]): readonly Timed[] {
  let over: number | undefined;
  return waves.flatMap((hosts, index): readonly Timed[] => {
    const its = stories.filter(({ body }) => 'host' in body && body.host !== null && hosts.includes(body.host));
    const start = Math.min(...its.map(({ at }) => at));
    if (its.every(({ body }) => body.event === 'verdict' && body.verdict === 'skipped')) return [];
    const end = Math.max(...its.map(({ at }) => at));
    const failed = its.flatMap(({ body }) => (body.event === 'verdict' && !isWell(body.verdict) ? [body.host] : []));
    const wave = index + 1;
    const until = new Date(startOfRun + start).toISOString();
    const pause = { at: over ?? 0, body: { event: 'wave-pause', wave, hosts, until } } as const;
    const paused = over !== undefined && start - over > 1000;
    over = end;
    return [
      ...(paused ? [pause] : []),
      { at: start, body: { event: 'wave-started', wave, hosts } },
      { at: end, body: { event: 'wave-ended', wave, failed } },
    ];
  });
}

/** The event as it comes, held against the schema. */
export function eventOf({ at, body }: Timed): Event {
  return readEvent(JSON.stringify({ version: 1, at: new Date(startOfRun + at).toISOString(), ...body }));
}

export type Story = (host: string) => readonly Timed[];

/** What happens to one host: steps that follow each other. */
type Step =
  | { readonly phase: Phase; readonly ms: number; readonly log?: readonly string[]; readonly outcome?: 'failed' }
  | { readonly plan: Forecast }
  | { readonly note: string; readonly phase: Phase; readonly level?: 'warning'; readonly ms?: number }
  | {
      readonly verdict: Verdict;
      readonly problem?: Problem;
      readonly phase: Phase;
      readonly runs: 'old' | 'new' | 'unknown';
      readonly boots?: 'old' | 'new';
    };

export function story(start: number, steps: readonly Step[]): Story {
  return (host) => {
    const timed: Timed[] = [];
    let at = start;
    for (const step of steps) {
      if ('verdict' in step) {
        timed.push({ at, body: { event: 'verdict', ...endOf(host, step, at - start) } });
      } else if ('plan' in step) {
        const { toplevel: path, ...rest } = step.plan;
        timed.push({ at, body: { event: 'plan', host, toplevel: path.replaceAll('HOST', host), ...rest } });
      } else if ('note' in step) {
        const { phase, note, level = 'info' } = step;
        timed.push({ at, body: { event: 'note', host, phase, level, message: note } });
        at += step.ms ?? 0;
      } else {
        const { phase, ms, log = [], outcome = 'ok' } = step;
        timed.push({ at, body: { event: 'phase-started', host, phase } });
        for (const [index, line] of log.entries()) {
          const when = at + Math.round((ms * (index + 1)) / (log.length + 1));
          timed.push({ at: when, body: { event: 'log', host, phase, line: line.replaceAll('HOST', host) } });
        }
        at += ms;
        timed.push({ at, body: { event: 'phase-ended', host, phase, outcome, milliseconds: ms } });
      }
    }
    return timed;
  };
}

function endOf(host: string, step: Extract<Step, { readonly verdict: Verdict }>, ms: number): HostResult {
  const told =
    step.problem === undefined
      ? { reason: 'all is well', remedy: null }
      : explain(step.problem, { host, phase: step.phase, destination: host, command: `flurry ${host}` });
  const path = (which: 'old' | 'new' | 'unknown') => (which === 'unknown' ? null : toplevel(host, which));
  return {
    host,
    verdict: step.verdict,
    code: step.problem?.code ?? null,
    ...told,
    running: path(step.runs),
    bootDefault: path(step.boots ?? step.runs),
    rev: step.runs === 'new' ? '1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b' : null,
    seconds: ms / 1000,
  };
}

export function toplevel(host: string, which: 'old' | 'new'): string {
  const [hash, label] = which === 'old' ? ['2qk8p1v', '25.11.20261101.9f8e7d6'] : ['8fj2k3l', '25.11.20261120.1a2b3c4'];
  return `/nix/store/${hash}q9c7xv5w1z0rbnhmpsd4gya6i-nixos-system-${host.split('.', 1)[0]}-${label}`;
}

function resultOf(body: Extract<EventBody, { readonly event: 'verdict' }>): HostResult {
  const { event: _, ...result } = body;
  return result;
}

const store = "'/nix/store/9c0a1b2d3f4g5h6i7j8k9l0mnpqrsvwx";

const first: readonly Step[] = [
  { phase: 'connect', ms: 400 },
  { phase: 'observe', ms: 600 },
];
const untilBuilt: readonly Step[] = [
  ...first,
  {
    phase: 'copy',
    ms: 1200,
    log: ["copying path '/nix/store/b1c9d7e5f3g4j2a8b1c9d7e5f3g4j2a8-source' to 'unix:///tmp/flurry-x/1'..."],
  },
  {
    phase: 'build',
    ms: 21_000,
    log: ['linux-6.12.58', 'nginx-1.29.3', 'etc', 'nixos-system-HOST'].map(
      (name) => `building ${store}-${name}.drv'...`,
    ),
  },
];
const untilTested: readonly Step[] = [
  ...untilBuilt,
  { phase: 'gate', ms: 900 },
  {
    phase: 'test',
    ms: 7000,
    log: [
      'stopping the following units: nginx.service',
      'activating the configuration...',
      'setting up /etc...',
      'starting the following units: nginx.service',
    ],
  },
];

export const promoted = (start = 0): Story =>
  story(start, [
    ...untilTested,
    { phase: 'verify', ms: 6000 },
    { phase: 'promote', ms: 3000 },
    { verdict: 'promoted', phase: 'promote', runs: 'new' },
  ]);

/** What would become of a host that is promoted, or as it is told. */
export const forecastOf = (rest: Partial<Forecast> = {}): Forecast => ({
  verdict: 'promoted',
  toplevel: toplevel('HOST', 'new'),
  reboots: false,
  bootedOnceFirst: false,
  bootsOther: [],
  inhibitors: [],
  units: {
    stopped: ['old-importer.service'],
    started: ['importer.service', 'importer.timer'],
    restarted: ['nginx.service', 'postgresql.service'],
    reloaded: ['dbus.service'],
    leftAlone: [],
    otherwise: [],
  },
  closure: {
    packages: [
      { name: 'curl', before: ['8.15.0'], after: ['8.16.0'], bytes: 20_000 },
      { name: 'htop', before: [], after: ['3.4.1'], bytes: 400_000 },
      { name: 'nginx', before: ['1.29.1'], after: ['1.29.3'], bytes: 12_000 },
    ],
    rebuilt: 14,
    otherPaths: 31,
    addedBytes: 46_000_000,
    removedBytes: 31_000_000,
  },
  allOrNothing: false,
  unknown: ['units', 'reachable'],
  ...rest,
});

/** A host of which it is told what would be done. */
export const planned = (plan: Forecast = forecastOf(), start = 0): Story =>
  story(start, [
    ...untilBuilt,
    { phase: 'preview', ms: 900 },
    { plan },
    { verdict: 'previewed', phase: 'preview', runs: 'old' },
  ]);

/** And one for which there is nothing to do. */
export const plannedUnchanged = (start = 0): Story =>
  story(start, [
    ...first,
    { plan: forecastOf({ verdict: 'unchanged', units: null, closure: null, unknown: [] }) },
    { verdict: 'unchanged', phase: 'build', runs: 'new' },
  ]);

/** The plan of sixty hosts: most unchanged, eleven alike, one with another kernel, one refused. */
export const sixtyPlanned = (): readonly Timed[] =>
  run({
    verb: 'plan',
    hosts: Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => {
        const kernel = forecastOf({ bootsOther: ['kernel', 'initrd'] });
        const story =
          index < 47 ? plannedUnchanged() : index < 58 ? planned() : index < 59 ? planned(kernel) : degraded();
        return [`web${index + 1}`, story] as const;
      }),
    ),
  });

export const unchanged = (start = 0): Story =>
  story(start, [...first, { phase: 'copy', ms: 300 }, { verdict: 'unchanged', phase: 'copy', runs: 'new' }]);

export const buildFails = (start = 0): Story =>
  story(start, [
    ...first,
    { phase: 'copy', ms: 1200 },
    {
      phase: 'build',
      ms: 12_000,
      outcome: 'failed',
      log: [
        `building ${store}-nginx-1.29.3.tar.gz.drv'...`,
        'trying https://nginx.org/download/nginx-1.29.3.tar.gz',
        `error: hash mismatch in fixed-output derivation ${store}-nginx-1.29.3.tar.gz.drv':`,
        '         specified: sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
        '            got:    sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      ],
    },
    {
      verdict: 'failed',
      phase: 'build',
      runs: 'old',
      problem: {
        code: 'build-failed',
        exitCode: 1,
        tail: `error: hash mismatch in fixed-output derivation ${store}-nginx-1.29.3.tar.gz.drv':\n         specified: sha256-AAAA=\n`,
      },
    },
  ]);

export const silent =
  (start = 0, verdict: 'failed' | 'unreachable' = 'failed'): Story =>
  (host) =>
    story(start, [
      { phase: 'connect', ms: 15_000, outcome: 'failed' },
      {
        verdict,
        phase: 'connect',
        runs: 'unknown',
        problem: { code: 'connect-timeout', address: host, port: 22, afterMs: 15_000, tries: 3 },
      },
    ])(host);

export const degraded = (start = 0, verdict: 'refused' | 'unhealthy' = 'refused'): Story =>
  story(start, [
    ...first,
    {
      verdict,
      phase: 'observe',
      runs: 'old',
      problem: { code: 'degraded', failedUnits: ['nginx.service', 'acme-example.org.service'] },
    },
  ]);

export const healthy = (start = 0): Story =>
  story(start, [...first, { verdict: 'healthy', phase: 'observe', runs: 'old' }]);

export const rolledBack = (start = 0): Story =>
  story(start, [
    ...untilTested,
    { phase: 'verify', ms: 5000, outcome: 'failed' },
    {
      note: 'nginx.service failed under the new system: the host puts itself back',
      phase: 'verify',
      level: 'warning',
      ms: 6000,
    },
    {
      verdict: 'rolled-back',
      phase: 'verify',
      runs: 'old',
      problem: { code: 'units-failed', units: ['nginx.service'] },
    },
  ]);

/** It had ended before somebody looked. */
export const hadRolledBack = (): Story =>
  story(0, [
    { phase: 'connect', ms: 200 },
    { phase: 'observe', ms: 300 },
    {
      verdict: 'rolled-back',
      phase: 'verify',
      runs: 'old',
      problem: { code: 'units-failed', units: ['nginx.service'] },
    },
  ]);

export const inDoubt = (start = 0): Story =>
  story(start, [
    ...untilTested,
    { phase: 'verify', ms: 30_000, outcome: 'failed' },
    {
      verdict: 'in-doubt',
      phase: 'verify',
      runs: 'new',
      boots: 'old',
      problem: { code: 'transaction-unknown', state: 'waiting' },
    },
  ]);

/** Sixty hosts of which most make it, ten at a time. */
export function sixtyMixed(): readonly Timed[] {
  const kinds = [
    promoted,
    promoted,
    promoted,
    degraded,
    promoted,
    buildFails,
    promoted,
    silent,
    promoted,
    promoted,
    promoted,
    rolledBack,
    promoted,
    promoted,
    inDoubt,
  ];
  const hosts = Array.from({ length: 60 }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? promoted;
    return [`web${index + 1}.example.org`, kind(Math.floor(index / 10) * 12_000 + (index % 10) * 150)] as const;
  });
  return run({ hosts: Object.fromEntries(hosts) });
}

/** A host that others have kept back. */
export const skipped = (start: number, problem: Problem): Story =>
  story(start, [{ verdict: 'skipped', phase: 'connect', runs: 'unknown', problem }]);

/** Sixty hosts in three waves, five minutes between the first two; two of the second fail, so that the third is skipped. */
export function sixtyInWaves(): readonly Timed[] {
  const names = Array.from({ length: 60 }, (_, index) => `web${index + 1}`);
  const waves = [names.slice(0, 1), names.slice(1, 15), names.slice(15)];
  const failed = ['web5', 'web9'];
  const stopped = { code: 'wave-stopped', after: 2, of: 3, failed, started: 15, allowed: '5%' } as const;
  const entries = names.map((name, index) => {
    if (index === 0) return [name, promoted()] as const;
    const begins = 340_200 + 100 * index;
    if (index >= 15) return [name, skipped(395_000, stopped)] as const;
    return [name, failed.includes(name) ? rolledBack(begins) : promoted(begins)] as const;
  });
  return run({ waves, hosts: Object.fromEntries(entries) });
}

/** Three hosts of which one waits for the others, and depends on one that is not in the run. */
export const depending = (): readonly Timed[] =>
  run({
    dependencies: [
      { host: 'web1', on: ['db1', 'cache1'], elsewhere: ['vault1'] },
      { host: 'web2', on: ['db1'], elsewhere: [] },
    ],
    hosts: {
      web1: skipped(42_000, { code: 'dependency-failed', on: 'cache1', ended: 'failed' }),
      web2: promoted(41_000),
      db1: promoted(),
      cache1: rolledBack(),
    },
  });
