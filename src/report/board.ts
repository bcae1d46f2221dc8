import type { Event, HostResult } from '../core/event.ts';
import type { Phase } from '../core/phase.ts';
import type { FleetStatus } from '../core/status.ts';
import { copiedWords } from './copied.ts';
import type { OutOfReach } from './out-of-reach.ts';
import { isOfWave, movedOn, type WaveEvent, type Waves, waitsFor, wavesOf } from './waves.ts';

export type RunStarted = Extract<Event, { readonly event: 'run-started' }>;
export type Planned = Extract<Event, { readonly event: 'plan' }>;
export type Checked = Extract<Event, { readonly event: 'check' }>;
export type RunEnded = Extract<Event, { readonly event: 'result' }>;

/** Where one host stands. `between`: a phase is done and the next has not begun, so it waits for its turn. */
export type Stage =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'active' | 'between' | 'broken'; readonly phase: Phase; readonly since: number }
  | { readonly kind: 'ended'; readonly result: HostResult; readonly phase: Phase | null };

export interface HostState {
  readonly name: string;
  readonly stage: Stage;
  /** Set while it is out of reach. */
  readonly outOfReach: OutOfReach | null;
  /** What it waits for before it starts; empty where it does not. */
  readonly waits: string;
  /** What it said last, log line or note; raw and untrusted, but short. */
  readonly failedIn: Phase | null;
  readonly lastLine: string;
  /** How far its copy has come, in words; empty where nothing is copied. */
  readonly copied: string;
  /** The last word of each health check of its present phase, in the order in which they began. */
  readonly checks: readonly Checked[];
  /** What a look at it brought. */
  readonly status: FleetStatus | null;
  readonly history: Extract<Event, { readonly event: 'history' }> | null;
  /** What would be done to it, where that was told. */
  readonly plan: Planned | null;
  /** The last lines of the log of its present phase (test, verify and promote count as one); raw, short, few. */
  readonly tail: readonly string[];
  /** What its dry activation said that it would do, line by line. */
  readonly preview: readonly string[];
}

/** All that is known of the run, built from events; what it keeps of each host has a limit. */
export interface Board {
  listen(event: Event): void;
  started(): RunStarted | null;
  ended(): RunEnded | null;
  /** How far the waves of the run have come; none, where none were asked for. */
  waves(): Waves | null;
  /** In the order of the run. */
  hosts(): readonly HostState[];
  host(name: string): HostState | undefined;
}

export function createBoard(): Board {
  const hosts = new Map<string, HostState>();
  let started: RunStarted | null = null;
  let ended: RunEnded | null = null;
  let waves: Waves | null = null;

  const isOver = (name: string): boolean => hosts.get(name)?.stage.kind === 'ended';
  const seen = (host: HostState): HostState =>
    // What is only planned waits for nobody.
    host.stage.kind !== 'waiting' || started === null || started.verb === 'plan'
      ? host
      : { ...host, waits: waitsFor(host.name, started, { wave: waves?.wave ?? 0, isOver }) };

  return {
    listen(event) {
      if (event.event === 'detail') return;
      if (event.event === 'run-started') {
        started = event;
        waves = wavesOf(event);
        for (const name of event.hosts) hosts.set(name, newHost(name));
      } else if (isOfWave(event)) {
        waves = waves === null ? null : movedOn(waves, event);
      } else if (event.event === 'result') {
        ended = event;
        for (const result of event.hosts) {
          const host = hosts.get(result.host) ?? newHost(result.host);
          hosts.set(result.host, { ...host, stage: endedAs(result, host) });
        }
      } else {
        hosts.set(event.host, moved(hosts.get(event.host) ?? newHost(event.host), event));
      }
    },
    started: () => started,
    ended: () => ended,
    waves: () => waves,
    hosts: () => [...hosts.values()].map(seen),
    host(name) {
      const host = hosts.get(name);
      return host === undefined ? undefined : seen(host);
    },
  };
}

const tailLines = 10;
const previewLines = 200;
/** A line of a preview names units, and there may be many. */
const previewCharacters = 8000;
const lineCharacters = 500;

type HostEvent = Exclude<Event, RunStarted | RunEnded | WaveEvent | { readonly event: 'detail' }>;

function moved(host: HostState, event: HostEvent): HostState {
  switch (event.event) {
    case 'phase-started': {
      const goesOn = event.phase === 'verify' || event.phase === 'promote' || event.phase === 'rollback';
      const stage: Stage = { kind: 'active', phase: event.phase, since: Date.parse(event.at) };
      return { ...host, stage, lastLine: '', copied: '', checks: [], tail: goesOn ? host.tail : [] };
    }
    case 'phase-ended': {
      const kind = event.outcome === 'ok' ? 'between' : 'broken';
      const failedIn = event.outcome === 'failed' ? event.phase : host.failedIn;
      // Whether a new connection can be made counts only while it waits to be confirmed.
      const outOfReach = host.outOfReach?.contact === 'lost' ? host.outOfReach : null;
      return {
        ...host,
        failedIn,
        outOfReach,
        copied: '',
        checks: [],
        stage: { kind, phase: event.phase, since: Date.parse(event.at) },
      };
    }
    case 'log': {
      const line = shortened(event.line);
      // What the way back prints comes behind the failure, and is not its reason.
      if (event.phase === 'rollback') return { ...host, lastLine: line };
      const isPreview = event.phase === 'preview' && host.preview.length < previewLines;
      const preview = isPreview ? [...host.preview, shortened(event.line, previewCharacters)] : host.preview;
      return { ...host, lastLine: line, preview, tail: [...host.tail.slice(1 - tailLines), line] };
    }
    case 'copying':
      return { ...host, copied: copiedWords(event) };
    case 'note':
      return { ...host, lastLine: shortened(event.message) };
    case 'check': {
      const isKnown = host.checks.some(({ check }) => check === event.check);
      const checks = host.checks.map((one) => (one.check === event.check ? event : one));
      return { ...host, checks: isKnown ? checks : [...checks, event] };
    }
    case 'out-of-reach':
      return { ...host, outOfReach: event };
    case 'reached-again':
      return { ...host, outOfReach: null };
    case 'status':
      return { ...host, status: event };
    case 'history':
      return { ...host, history: event };
    case 'plan':
      return { ...host, plan: event };
    case 'verdict':
      return { ...host, stage: endedAs(event, host) };
  }
}

function endedAs(result: HostResult, host: HostState): Stage {
  const { stage } = host;
  return { kind: 'ended', result, phase: host.failedIn ?? (stage.kind === 'waiting' ? null : stage.phase) };
}

function newHost(name: string): HostState {
  return {
    name,
    stage: { kind: 'waiting' },
    failedIn: null,
    outOfReach: null,
    waits: '',
    lastLine: '',
    copied: '',
    checks: [],
    status: null,
    history: null,
    plan: null,
    tail: [],
    preview: [],
  };
}

/** What a line looks like once it is printed: a progress bar overwrites itself, so what follows its last return counts. */
export function shortened(line: string, limit = lineCharacters): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\r' || line[end - 1] === '\n')) end--;
  const visible = line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
  if (visible.length <= limit && visible.length === line.length) return line;
  // V8 keeps the whole of a string alive for a slice of it, so the piece is copied: a line may be megabytes long.
  return Buffer.from(visible.slice(0, limit)).toString();
}
