import { isObject, parseJson } from './json.ts';

/** How far `nix copy` has come, by its own account. Null: it has not said so; Nix 2.8 never says how many bytes. */
export interface CopyCount {
  /** Of what is missing at the other end. */
  readonly bytes: number | null;
  readonly paths: number | null;
  readonly donePaths: number;
}

// As in Nix's ActivityType and ResultType, the same from 2.8 to 2.34.
const copyPath = 100;
const copyPaths = 103;
const progress = 105;
const setExpected = 106;
const substitute = 108;
/** Activities of more detail than this are not shown by default. */
const infoLevel = 3;

/**
 * Reads what `nix copy --log-format internal-json` prints on standard error, line by line: gives what a person would
 * have read without that option, or nothing; what it counts is told by `count`.
 */
export function copyLog(): {
  readonly read: (line: string) => string | undefined;
  readonly count: () => CopyCount;
  /** A number that another look finds changed where activities begin and end, or a path is on its way. */
  readonly life: () => number;
} {
  const activities = new Map<number, number>();
  let turns = 0;
  // Where Nix counts paths itself, its word is the better one.
  let countsAlone = true;
  let count: CopyCount = { bytes: null, paths: null, donePaths: 0 };
  const started = ({ id, type }: Entry): void => {
    if (id !== undefined && type !== undefined) activities.set(id, type);
  };
  const stopped = ({ id }: Entry): void => {
    if (id === undefined) return;
    if (activities.get(id) === copyPath && countsAlone) count = { ...count, donePaths: count.donePaths + 1 };
    activities.delete(id);
  };
  const counted = ({ id, type, fields }: Entry): void => {
    if (id === undefined || activities.get(id) !== copyPaths) return;
    const [first, second] = fields;
    if (first === undefined || second === undefined) return;
    if (type === progress) {
      countsAlone = false;
      count = { ...count, donePaths: first, paths: second };
    } else if (type === setExpected && first === copyPath) {
      count = { ...count, bytes: second };
    }
  };
  return {
    read(line) {
      const entry = entryOf(line);
      if (entry === undefined) return line;
      if (entry.action === 'start' || entry.action === 'stop') turns += 1;
      if (entry.action === 'start') started(entry);
      else if (entry.action === 'stop') stopped(entry);
      else if (entry.action === 'result') counted(entry);
      return wordsOf(entry);
    },
    count: () => count,
    life() {
      const kinds = [...activities.values()];
      if (kinds.includes(copyPath) || kinds.includes(substitute)) turns += 1;
      return turns;
    },
  };
}

interface Entry {
  readonly action: unknown;
  readonly id: number | undefined;
  readonly type: number | undefined;
  readonly level: number;
  readonly fields: readonly (number | undefined)[];
  readonly text: string;
}

function entryOf(line: string): Entry | undefined {
  if (!line.startsWith('@nix ')) return undefined;
  try {
    const entry = parseJson(line.slice('@nix '.length), 'a line of Nix');
    if (!isObject(entry)) return undefined;
    const { action, id, type, level, fields, text, msg } = entry;
    return {
      action,
      id: numberOr(id),
      type: numberOr(type),
      level: numberOr(level) ?? 0,
      fields: Array.isArray(fields) ? fields.map(numberOr) : [],
      text: typeof msg === 'string' ? msg : typeof text === 'string' ? text : '',
    };
  } catch {
    // Cut off, or not of Nix at all: shown as it is.
    return undefined;
  }
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function wordsOf({ action, level, text }: Entry): string | undefined {
  return (action === 'msg' || action === 'start') && level <= infoLevel && text !== '' ? text : undefined;
}
