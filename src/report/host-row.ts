import type { HostState } from './board.ts';
import { awaitedCheck } from './check-words.ts';
import { clockFace } from './clock-face.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { outOfReachLabel, outOfReachWords } from './out-of-reach.ts';
import { type Piece, rowOf } from './row.ts';
import { cut, pad, widthOf } from './width.ts';
import { doing, type Tone, verdictWords } from './words.ts';

export interface HostColumns {
  readonly all: number;
  readonly name: number;
}

const clockWidth = 5;
const labelWidth = 11;

/** Shares a row's columns out so that all rows are in line. */
export function columnsFor(hosts: readonly HostState[], all: number, look: Look): HostColumns {
  const longest = Math.max(4, ...hosts.map((host) => widthOf(look.text(host.name))));
  return { all, name: Math.min(longest, Math.max(8, Math.floor(all / 4))) };
}

/** `▸ web1  building     0:31  building '/nix/store/…'` */
export function hostRow(host: HostState, now: number, columns: HostColumns, look: Look): string {
  const { mark, label, tone, time, words } = rowParts(host, now, look);
  const { paint, marks } = look;
  const name = cut(look.text(host.name), columns.name, marks.ellipsis);
  const toned = (text: string) => (tone === 'active' ? text : inTone(look, tone, text));
  const head: readonly Piece[] = [
    { text: mark, paint: toned },
    { text: ' ' },
    { text: name, paint: paint.bold },
    { text: ' '.repeat(columns.name - widthOf(name) + 2) },
    { text: label, paint: toned },
    { text: ' '.repeat(Math.max(0, labelWidth - widthOf(label)) + 1) },
    { text: pad(time, clockWidth, 'left'), paint: paint.dim },
  ];
  const room = columns.all - sum(head.map(({ text }) => widthOf(text))) - 2;
  const tail =
    room < leastWords ? [] : [{ text: '  ' }, tone === 'active' ? { text: words, paint: paint.dim } : { text: words }];
  return rowOf([...head, ...tail], columns.all, marks.ellipsis).trimEnd();
}

/** Fewer characters than this of a log line tell nothing. */
const leastWords = 8;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface RowParts {
  readonly mark: string;
  readonly label: string;
  readonly tone: Tone | 'active';
  readonly time: string;
  readonly words: string;
}

function rowParts(host: HostState, now: number, look: Look): RowParts {
  const { stage } = host;
  const lastLine = look.text(host.lastLine).trim();
  switch (stage.kind) {
    case 'waiting':
    case 'between':
      return { mark: look.marks.idle, label: 'waiting', tone: 'quiet', time: '', words: look.text(host.waits) };
    case 'active': {
      const { outOfReach } = host;
      if (outOfReach !== null) {
        const label = outOfReachLabel(outOfReach.contact);
        const time = clockFace(now - Date.parse(outOfReach.at));
        return { mark: look.marks.alarm, label, tone: 'warned', time, words: outOfReachWords(outOfReach, now) };
      }
      return {
        mark: look.marks.active,
        label: doing[stage.phase],
        tone: 'active',
        time: clockFace(now - stage.since),
        words: awaitedCheck(host.checks, now, look) || host.copied || lastLine,
      };
    }
    case 'broken': {
      const words = `${stage.phase} failed${lastLine === '' ? '' : `: ${lastLine}`}`;
      return { mark: look.marks.bad, label: 'failing', tone: 'bad', time: clockFace(now - stage.since), words };
    }
    case 'ended': {
      const { label, tone } = verdictWords[stage.result.verdict];
      const words = tone === 'good' ? '' : look.text(stage.result.reason);
      return { mark: markOf(look, tone), label, tone, time: clockFace(stage.result.seconds * 1000), words };
    }
  }
}
